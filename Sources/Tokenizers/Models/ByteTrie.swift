/// A trie of byte strings, each with a value.
///
/// One hash table holds the edges of all nodes: a step costs one lookup, and matching allocates nothing.
struct ByteTrie: Sendable {
  /// The value of a string that the trie does not contain.
  static let none: Int32 = -1

  /// Edges: source node (28 bits), byte (8 bits), target node (28 bits). No edge leads to node 0, the
  /// root, so 0 marks a free slot.
  private var slots: [UInt64]
  private var shift: UInt64
  private var stepCount = 0
  private var values: [Int32] = [none]
  private var firstSteps: [UInt32] = Array(repeating: 0, count: 256)

  init() {
    slots = Array(repeating: 0, count: 256)
    shift = 64 - 8
  }

  /// Adds a string. Returns false if the string is empty or already in the trie.
  mutating func insert(_ bytes: some Sequence<UInt8>, value: Int32) -> Bool {
    var node: UInt32 = 0
    for byte in bytes {
      if let next = step(from: node, byte) {
        node = next
      } else {
        let next = UInt32(values.count)
        values.append(Self.none)
        addStep(UInt64(node) << 36 | UInt64(byte) << 28 | UInt64(next))
        if node == 0 { firstSteps[Int(byte)] = next }
        node = next
      }
    }
    guard node != 0, values[Int(node)] == Self.none else { return false }
    values[Int(node)] = value
    return true
  }

  /// The value of the string `bytes`, or `none`.
  func value(of bytes: some Sequence<UInt8>) -> Int32 {
    var node: UInt32 = 0
    for byte in bytes {
      guard let next = step(from: node, byte) else { return Self.none }
      node = next
    }
    return values[Int(node)]
  }

  /// The value and the end of the longest string that starts at `start` and ends at or before `end`;
  /// `none` and `start` if there is no match.
  @inline(__always)
  func longestMatch(in bytes: [UInt8], from start: Int, to end: Int) -> (value: Int32, end: Int) {
    longestMatch(in: bytes.span, from: start, to: end)
  }

  /// The value and the end of the longest string that starts at `start` and ends at or before `end`;
  /// `none` and `start` if there is no match.
  @inline(__always)
  func longestMatch(
    in bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> (value: Int32, end: Int) {
    var best = (value: Self.none, end: start)
    forEachMatch(in: bytes, from: start, to: end) { best = ($0, $1) }
    return best
  }

  /// Calls `body` with the value and the end of each string that starts at `start` and ends at or before
  /// `end`, the shortest first.
  @inline(__always)
  func forEachMatch(
    in bytes: Span<UInt8>, from start: Int, to end: Int, _ body: (Int32, Int) -> Void
  ) {
    guard start < end else { return }
    let values = values.span
    var node = firstSteps[Int(bytes[start])]
    var index = start
    while node != 0 {
      index += 1
      let value = values[Int(node)]
      if value != Self.none { body(value, index) }
      guard index < end, let next = step(from: node, bytes[index]) else { break }
      node = next
    }
  }

  /// Whether any string starts with `byte`.
  func hasString(startingWith byte: UInt8) -> Bool { firstSteps[Int(byte)] != 0 }

  @inline(__always)
  private func step(from node: UInt32, _ byte: UInt8) -> UInt32? {
    let slots = slots.span
    let key = UInt64(node) << 8 | UInt64(byte)
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while true {
      let entry = slots[slot]
      if entry >> 28 == key, entry != 0 { return UInt32(truncatingIfNeeded: entry & 0xFFF_FFFF) }
      if entry == 0 { return nil }
      slot = (slot + 1) & (slots.count - 1)
    }
  }

  private mutating func addStep(_ entry: UInt64) {
    stepCount += 1
    if stepCount * 3 > slots.count * 2 {
      let old = slots
      shift -= 1
      slots = Array(repeating: 0, count: slots.count * 2)
      for entry in old where entry != 0 { place(entry) }
    }
    place(entry)
  }

  private mutating func place(_ entry: UInt64) {
    var slot = Int(truncatingIfNeeded: ((entry >> 28) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = entry
  }
}
