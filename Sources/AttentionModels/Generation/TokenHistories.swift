/// The tokens of each sequence of a state, and whether its keys belong to long sequences: `LongRoPEScaling` has
/// other frequencies for sequences beyond a length.
struct TokenHistories: Sendable {
  /// The tokens of each sequence.
  private(set) var tokens: [[Int]]
  /// Whether the keys of each sequence have the frequencies of long sequences.
  private var isLong: [Bool]

  init(sequenceCount: Int) {
    tokens = Array(repeating: [], count: sequenceCount)
    isLong = Array(repeating: false, count: sequenceCount)
  }

  /// Appends tokens to the sequences, which have the given lengths.
  ///
  /// - Returns: for each sequence, whether its earlier keys have the frequencies of the other lengths.
  mutating func append(_ new: [[Int]], to lengths: [Int], shortLength: Int) -> [Bool] {
    new.indices.map { index in
      guard !new[index].isEmpty else { return false }
      tokens[index] += new[index]
      let wasLong = isLong[index]
      isLong[index] = tokens[index].count > shortLength
      return lengths[index] > 0 && wasLong != isLong[index]
    }
  }

  /// `DecodingState.select(_:)`.
  mutating func select(_ sequences: [Int]) {
    (tokens, isLong) = (sequences.map { tokens[$0] }, sequences.map { isLong[$0] })
  }

  /// `DecodingState.append(_:)`.
  mutating func append(_ other: TokenHistories) {
    tokens += other.tokens
    isLong += other.isLong
  }

  /// `DecodingState.rewind(to:)`.
  mutating func rewind(to lengths: [Int]) {
    for (index, length) in lengths.enumerated() {
      tokens[index].removeLast(max(0, tokens[index].count - length))
    }
  }
}
