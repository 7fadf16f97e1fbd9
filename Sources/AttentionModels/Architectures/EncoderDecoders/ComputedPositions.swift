import Attention

/// Position embeddings by a formula, of the tokens of packed sequences.
struct ComputedPositions: Sendable {
  let formula: SinusoidalPositions
  /// The longest sequence in tokens; nil for no limit.
  var maxLength: Int?
  /// The id of the padding token p if positions are fairseq's: p + 1, p + 2, … A padding token has zeros, and
  /// is not counted in the tokens that are read together. nil for positions 0, 1, 2, …
  var paddingToken: Int?

  /// P, `[token, hiddenSize]`, of the next tokens of sequences with the given lengths.
  ///
  /// - Throws: `AttentionError.memory`.
  func callAsFunction(_ tokens: PackedTokens, startingAt lengths: [Int]) throws -> Tensor {
    try requireMemory(
      count: tokens.ids.count, of: Int?.self, purpose: "the positions of the tokens")
    var positions: [Int?] = []
    positions.reserveCapacity(tokens.ids.count)
    var first = 0
    for (length, before) in zip(tokens.lengths, lengths) {
      var next = before + (paddingToken.map { $0 + 1 } ?? 0)
      for id in tokens.ids[first..<first + length] {
        positions.append(id == paddingToken ? nil : next)
        if id != paddingToken { next += 1 }
      }
      first += length
    }
    return try formula.rows(positions)
  }
}
