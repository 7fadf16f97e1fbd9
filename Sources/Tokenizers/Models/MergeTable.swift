/// A hash table from pairs of token ids to their merges.
struct MergeTable: Sendable {
  /// A merge: its rank in the upper 32 bits, so that merges compare by rank; the id of the merged token in
  /// the lower 32 bits.
  typealias Merge = UInt64

  /// The result for pairs without a merge.
  static let none = Merge.max

  private struct Slot {
    var key: UInt64
    var merge: Merge
  }

  private var slots: [Slot]
  private let shift: UInt64
  /// Hash multiplier: odd, and random so that a hostile file cannot cause collisions.
  private let factor = UInt64.random(in: .min ... .max) | 1

  init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    shift = 64 - bits
    slots = Array(repeating: Slot(key: .max, merge: Self.none), count: 1 << Int(bits))
  }

  /// Adds a pair, or replaces the merge of an existing pair. The capacity limits the number of pairs.
  mutating func insert(_ left: Int32, _ right: Int32, rank: Int, newID: Int32) {
    let key = Self.key(left, right)
    var slot = slot(of: key)
    while slots[slot].key != .max, slots[slot].key != key { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Slot(
      key: key, merge: UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: newID)))
  }

  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge {
    let slots = slots.span
    let key = Self.key(left, right)
    var slot = slot(of: key)
    while true {
      let entry = slots[slot]
      if entry.key == key { return entry.merge }
      if entry.key == .max { return Self.none }
      slot = (slot + 1) & (slots.count - 1)
    }
  }

  @inline(__always)
  static func newID(_ merge: Merge) -> Int32 { Int32(truncatingIfNeeded: merge) }

  @inline(__always)
  static func rank(_ merge: Merge) -> UInt64 { merge >> 32 }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: left)) << 32 | UInt64(UInt32(truncatingIfNeeded: right))
  }

  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* factor) >> shift)
  }
}
