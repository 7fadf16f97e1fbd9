import Attention

/// The common part of all decoders: computes logits for new tokens, which follow the tokens of a
/// state.
///
///     logits = cap(norm(blocks(x)) Wᵀ)           W is often the token embedding matrix
///
/// Each family reads its configuration and weights and creates a `CausalDecoder`.
package struct CausalDecoder: Sendable {
  /// x before the first block.
  let input: TokenInput
  /// The blocks, and the norm after the last block.
  package let transformer: Transformer
  /// W, `[id, hiddenSize]`.
  package let output: Linear
  /// c of the logit softcap c · tanh(logit / c), which keeps logits between −c and c; nil for none.
  var logitSoftcap: Float?

  init(input: TokenInput, transformer: Transformer, output: Linear, logitSoftcap: Float? = nil) {
    self.input = input
    self.transformer = transformer
    self.output = output
    self.logitSoftcap = logitSoftcap
  }

  /// A decoder without position embeddings.
  package init(tokens: TokenEmbedding, transformer: Transformer, output: Linear) {
    self.init(input: TokenInput(tokens: tokens), transformer: transformer, output: output)
  }

  /// The number of token ids.
  package var vocabularySize: Int { output.outputSize }
  /// The longest sequence in tokens; nil for no limit.
  package var maxLength: Int? { input.maxLength }

  /// `LanguageModel.begin(_:)` of a decoder alone: empty caches, and the prompts unchanged.
  package func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens)
  {
    try input.requirePrompts(prompts)
    let count = prompts.lengths.count
    let caches = try transformer.makeCaches(sequenceCount: count)
    return (DecodingState(sequenceCount: count, caches: caches), prompts)
  }

  /// `LanguageModel.logits(of:state:rows:)`, with cross-attention if the state has encoder outputs.
  ///
  /// - Complexity: O(tokens · weights) for the products, and O(tokens · cached tokens · hidden
  ///   size) for the attention of each block.
  package func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    let sequences = try packedRanges(
      tokens.lengths, total: tokens.ids.count, name: "lengths", of: "ids")
    guard sequences.count == state.sequenceCount else {
      throw AttentionError.argument(
        "lengths",
        reason: "expected \(state.sequenceCount), one per sequence of the state, "
          + "got \(sequences.count)")
    }
    let before = state.lengths
    let after = zip(before, tokens.lengths).map { $0 + $1 }
    try input.requireLengths(after, name: "sequence")
    try input.requireIDs(tokens.ids)
    guard !tokens.ids.isEmpty else {
      return try Tensor(shape: [0, vocabularySize], repeating: 0)
    }
    let hidden = try transformer(
      input(tokens, startingAt: before), lengths: tokens.lengths, caches: &state.caches,
      crossAttentionCaches: state.crossAttentionCaches)
    do {
      var logits = try output(rows.select(from: hidden, sequences))
      if let logitSoftcap { try logits.softcap(at: logitSoftcap) }
      state.lengths = after
      return logits
    } catch {
      try state.rewind(to: before)
      throw error
    }
  }
}

extension LogitRows {
  /// The rows of `hidden`, `[token, hiddenSize]`, for which logits are requested.
  ///
  /// - Parameter sequences: the tokens of each sequence.
  func select(from hidden: Tensor, _ sequences: [Range<Int>]) throws -> Tensor {
    let last = sequences.filter { !$0.isEmpty }.map { $0.upperBound - 1 }
    guard self == .last, last.count < hidden.shape[0] else { return hidden }
    return try hidden.selecting(rows: last)
  }
}
