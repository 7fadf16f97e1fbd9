/// A hash table from pairs of token ids to their merges: 12 bytes per slot, and at least four fifths of the slots
/// are used.
///
/// Linear probing with slots in the order of their keys: a search ends at the first larger key, whether it finds
/// the pair or not. This keeps searches short in a full table.
///
/// - Source: Amble and Knuth 1974, Ordered hash tables.
struct MergeTable: Sendable {
  /// A merge: its rank in the upper bits, so that merges compare by rank; the id of the merged token in the lower
  /// 24 bits.
  typealias Merge = UInt64

  /// The result for pairs without a merge.
  static let none: Merge = 1 << 48 - 1

  /// All ranks are less than this limit.
  static let rankLimit = 1 << 24 - 1

  /// A key in the upper 48 of 96 bits, a merge in the lower 48.
  private struct Slot {
    var high = UInt32.max
    var middle = UInt32.max
    var low = UInt32.max

    init() {}

    init(key: UInt64, merge: Merge) {
      high = UInt32(truncatingIfNeeded: key >> 16)
      middle = UInt32(truncatingIfNeeded: key << 16 | merge >> 32)
      low = UInt32(truncatingIfNeeded: merge)
    }

    @inline(__always)
    var key: UInt64 { UInt64(high) << 16 | UInt64(middle >> 16) }

    @inline(__always)
    var merge: Merge { UInt64(middle & 0xFFFF) << 32 | UInt64(low) }
  }

  /// The last slot is free: its key ends every search.
  private var slots: [Slot]
  private let slotCount: UInt64
  /// Random, so that a hostile file cannot cause collisions; odd, so that different pairs have different keys.
  private let factors = (UInt64.random(in: .min ... .max) | 1, UInt64.random(in: .min ... .max) | 1)

  /// - Parameter capacity: the number of insertions.
  init(capacity: Int) {
    slotCount = UInt64(capacity + capacity / 5 + 1)
    // Room for pairs that are pushed beyond the end; more is added if necessary.
    slots = Array(repeating: Slot(), count: Int(slotCount) + 16)
  }

  /// The memory of the table.
  var byteCount: Int { MemoryLayout<Slot>.stride * slots.count }

  /// Adds a pair, or replaces the merge of an existing pair.
  ///
  /// - Parameter rank: less than `rankLimit`.
  mutating func insert(_ left: Int32, _ right: Int32, rank: Int, newID: Int32) {
    let key = key(left, right)
    var new = Slot(key: key, merge: UInt64(rank) << 24 | UInt64(UInt32(truncatingIfNeeded: newID)))
    var index = index(of: key)
    while slots[index].key < key { index += 1 }
    while slots[index].merge != Self.none, slots[index].key != new.key {
      swap(&slots[index], &new)
      index += 1
    }
    slots[index] = new
    if index == slots.count - 1 { slots.append(Slot()) }
  }

  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge {
    let slots = slots.span
    let key = key(left, right)
    var index = index(of: key)
    while slots[index].key < key { index += 1 }
    let slot = slots[index]
    return slot.key == key ? slot.merge : Self.none
  }

  @inline(__always)
  static func newID(_ merge: Merge) -> Int32 { Int32(truncatingIfNeeded: merge & 0xFF_FFFF) }

  @inline(__always)
  static func rank(_ merge: Merge) -> UInt64 { merge >> 24 }

  /// A one-to-one function of the pair: each step can be undone modulo 2⁴⁸.
  @inline(__always)
  private func key(_ left: Int32, _ right: Int32) -> UInt64 {
    let mask: UInt64 = 1 << 48 - 1
    var key =
      UInt64(UInt32(truncatingIfNeeded: left)) << 24 | UInt64(UInt32(truncatingIfNeeded: right))
    key = key &* factors.0 & mask
    key ^= key >> 24
    return key &* factors.1 & mask
  }

  /// The slot where the search for a key starts. It does not decrease with the key.
  @inline(__always)
  private func index(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: ((key >> 16) &* slotCount) >> 32)
  }
}
