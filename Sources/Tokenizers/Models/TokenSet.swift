/// A set of tokens of a vocabulary, by index: one bit per token.
struct TokenSet: Sendable {
  private var words: [UInt64]

  /// The empty set of a vocabulary of `count` tokens.
  init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  mutating func insert(_ index: Int) { words[index / 64] |= 1 << UInt64(index % 64) }

  @inline(__always)
  func contains(_ index: Int) -> Bool { words[index >> 6] >> UInt64(index & 63) & 1 != 0 }

  /// The memory of the set.
  var byteCount: Int { MemoryLayout<UInt64>.stride * words.count }
}
