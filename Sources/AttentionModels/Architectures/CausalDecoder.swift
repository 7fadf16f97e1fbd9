import Attention

/// What all decoders do, whatever their blocks: a text goes on from the tokens in its state.
///
///     x = scale · E[id] + P[position]            (most have one of the two, or neither)
///     logits = cap(norm(blocks(x)) Wᵀ)           W is often E itself
///
/// A family's file reads its configuration and weights and makes one of these.
package struct CausalDecoder: Sendable {
  /// E, `[id, width]`.
  let tokens: TokenEmbedding
  /// What E's rows are multiplied by; nil for 1.
  var embeddingScale: Float?
  /// P, `[position, width]`, which limits the length; nil where attention knows the positions.
  var positions: Embedding?
  /// The blocks and the norm after the last.
  let transformer: Transformer
  /// W, `[id, width]`.
  let output: Linear
  /// c, which keeps logits between −c and c: c · tanh(logit / c); nil for none.
  var outputCap: Float?

  package init(
    tokens: TokenEmbedding, embeddingScale: Float? = nil, positions: Embedding? = nil,
    transformer: Transformer, output: Linear, outputCap: Float? = nil
  ) {
    self.tokens = tokens
    self.embeddingScale = embeddingScale
    self.positions = positions
    self.transformer = transformer
    self.output = output
    self.outputCap = outputCap
  }

  /// The number of token ids.
  package var vocabularySize: Int { output.outputWidth }
  /// The longest sequence; nil for no limit.
  package var maximumLength: Int? { positions?.count }

  /// What each step multiplies by.
  package var stepWeights: StepWeights { StepWeights(transformer, output: output) }

  /// `LanguageModel.begin(_:)` of a decoder alone: empty caches, and the prompts as they are.
  package func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens) {
    _ = try packedRanges(prompts.lengths, total: prompts.ids.count, name: "lengths", of: "ids")
    guard !prompts.lengths.isEmpty else { throw ModelError.text("prompts", reason: "none") }
    if let empty = prompts.lengths.firstIndex(of: 0) {
      throw ModelError.text("prompt \(empty)", reason: "empty: no token to go on from")
    }
    try requireLengths(prompts.lengths, name: "prompt")
    try requireIDs(prompts.ids)
    let count = prompts.lengths.count
    let caches = try transformer.makeCaches(sequenceCount: count)
    return (DecodingState(sequenceCount: count, caches: caches), prompts)
  }

  /// `LanguageModel.logits(of:state:rows:)` of a decoder alone.
  ///
  /// - Complexity: O(tokens · weights) for the products, and attention to what the caches hold.
  package func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    let sequences = try packedRanges(
      tokens.lengths, total: tokens.ids.count, name: "lengths", of: "ids")
    guard sequences.count == state.sequenceCount else {
      throw AttentionError.argument(
        "lengths",
        reason: "expected \(state.sequenceCount), one a sequence of the state, "
          + "got \(sequences.count)")
    }
    let before = state.lengths
    let after = zip(before, tokens.lengths).map { $0 + $1 }
    try requireLengths(after, name: "sequence")
    try requireIDs(tokens.ids)
    guard !tokens.ids.isEmpty else {
      return try Tensor(shape: [0, vocabularySize], repeating: 0)
    }
    let hidden = try transformer(
      embeddings(of: tokens, startingAt: before), lengths: tokens.lengths, caches: &state.caches)
    do {
      var logits = try output(rows.select(from: hidden, sequences))
      if let outputCap { try logits.cap(at: outputCap) }
      state.lengths = after
      return logits
    } catch {
      try state.rewind(to: before)
      throw error
    }
  }

  /// x before the first block, `[token, width]`.
  private func embeddings(of tokens: PackedTokens, startingAt lengths: [Int]) throws -> Tensor {
    var hidden = try self.tokens(tokens.ids)
    if let embeddingScale { try hidden.scale(by: embeddingScale) }
    if let positions {
      let places = try TokenPositions.offsets(lengths).resolved(lengths: tokens.lengths)
      try hidden.add(positions(places))
    }
    return hidden
  }

  private func requireLengths(_ lengths: [Int], name: String) throws {
    guard let maximumLength, let index = lengths.firstIndex(where: { $0 > maximumLength }) else {
      return
    }
    throw ModelError.text(
      "\(name) \(index)",
      reason: "\(lengths[index]) tokens, longer than the \(maximumLength) of the model")
  }

  private func requireIDs(_ ids: [Int]) throws {
    if let outside = ids.first(where: { !(0..<tokens.count).contains($0) }) {
      throw AttentionError.argument(
        "ids", reason: "\(outside) is out of range for a vocabulary of \(tokens.count)")
    }
  }
}

extension LogitRows {
  /// The rows of `hidden`, `[token, width]`, for which logits are wanted.
  ///
  /// - Parameter sequences: the tokens of each sequence.
  func select(from hidden: Tensor, _ sequences: [Range<Int>]) throws -> Tensor {
    let last = sequences.filter { !$0.isEmpty }.map { $0.upperBound - 1 }
    guard self == .last, last.count < hidden.shape[0] else { return hidden }
    return try Embedding(weight: hidden)(last)
  }
}

extension DecodingState {
  /// Forgets what a step that failed has appended.
  mutating func rewind(to lengths: [Int]) throws {
    for block in caches.indices {
      for (sequence, length) in lengths.enumerated() {
        try caches[block].rewind(sequence: sequence, to: length)
      }
    }
  }
}
