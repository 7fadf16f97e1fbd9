import Attention

/// x before the first block of a decoder or an encoder–decoder. Positions and norm are optional.
///
///     x = norm(scale · E[id] + P[position])
struct TokenInput: Sendable {
  /// E, `[id, hiddenSize]`.
  let tokens: TokenEmbedding
  /// P, `[position, hiddenSize]`, whose row count limits the length; nil if attention encodes the positions.
  var positions: Embedding?
  /// P by a formula; nil for `positions`.
  var computedPositions: ComputedPositions?
  /// Applied to each sum.
  var norm: Norm?

  /// The longest sequence in tokens; nil for no limit.
  var maxLength: Int? { positions?.count ?? computedPositions?.maxLength }

  /// x, `[token, hiddenSize]`, of the next tokens of sequences with the given lengths.
  ///
  /// - Parameters:
  ///   - tokens: ids that `requireIDs(_:)` has checked.
  ///   - lengths: the number of earlier tokens of each sequence.
  func callAsFunction(_ tokens: PackedTokens, startingAt lengths: [Int]) throws -> Tensor {
    var hidden = try self.tokens(tokens.ids)
    if let positions {
      let places = try TokenPositions.offsets(lengths).resolved(lengths: tokens.lengths)
      try hidden.add(positions(places))
    }
    if let computedPositions {
      try hidden.add(computedPositions(tokens, startingAt: lengths))
    }
    return try norm?(hidden) ?? hidden
  }

  /// Checks that there is a prompt, that no prompt is empty or too long, and that the ids are valid.
  func requirePrompts(_ prompts: PackedTokens) throws {
    _ = try packedRanges(prompts.lengths, total: prompts.ids.count, name: "lengths", of: "ids")
    guard !prompts.lengths.isEmpty else {
      throw ModelError.text("prompts", reason: "expected at least 1, got none")
    }
    if let empty = prompts.lengths.firstIndex(of: 0) {
      throw ModelError.text("prompt", index: empty, reason: "empty: no token to continue from")
    }
    try requireLengths(prompts.lengths, name: "prompt")
    try requireIDs(prompts.ids)
  }

  /// Checks that no sequence is longer than the model allows.
  ///
  /// - Throws: `ModelError.text` with both lengths.
  func requireLengths(_ lengths: [Int], name: String) throws {
    guard let maxLength, let index = lengths.firstIndex(where: { $0 > maxLength }) else {
      return
    }
    throw ModelError.text(
      name, index: index,
      reason: "\(lengths[index]) tokens, longer than the limit of \(maxLength)")
  }

  /// Checks that each id is in the vocabulary.
  ///
  /// - Throws: `AttentionError.argument` with the first id that is not.
  func requireIDs(_ ids: [Int]) throws {
    if let outside = ids.first(where: { !(0..<tokens.count).contains($0) }) {
      throw AttentionError.argument(
        "ids", reason: "\(outside) is out of range for a vocabulary of \(tokens.count)")
    }
  }
}
