import Attention

/// The common part of all decoders: computes logits for new tokens, which follow the tokens of a
/// state.
///
///     logits = cap(s · norm(blocks(x)) Wᵀ)           W is often the token embedding matrix
///
/// Each family reads its configuration and weights and creates a `CausalDecoder`.
package struct CausalDecoder: LanguageModel {
  /// x before the first block.
  let input: TokenInput
  /// The blocks, and the norm after the last block.
  package let transformer: Transformer
  /// W, `[id, hiddenSize]`.
  package let output: Linear
  /// c of the logit softcap c · tanh(logit / c), which keeps logits between −c and c; nil for none.
  let logitSoftcap: Float?
  /// s, the factor of the logits.
  let logitScale: Float
  /// `model_type`, for the description; empty if a public type describes the model.
  let type: String
  /// The length up to which LongRoPE uses other frequencies than beyond it; nil for other positions.
  let shortLength: Int?

  init(
    input: TokenInput, transformer: Transformer, output: Linear, logitScale: Float = 1,
    logitSoftcap: Float? = nil, type: String = ""
  ) {
    self.input = input
    self.transformer = transformer
    self.output = output
    self.logitScale = logitScale
    self.logitSoftcap = logitSoftcap
    self.type = type
    shortLength =
      transformer.blocks.lazy.compactMap { block in
        guard case .longRoPE(let scaling)? = block.attention.rotary?.scaling else { return nil }
        return scaling.originalLength
      }.first
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
    var state = DecodingState(sequenceCount: count, caches: caches)
    if shortLength != nil { state.history = TokenHistories(sequenceCount: count) }
    return (state, prompts)
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
    let after = zip(state.lengths, tokens.lengths).map { $0 + $1 }
    try input.requireLengths(after, name: "sequence")
    try input.requireIDs(tokens.ids)
    guard !tokens.ids.isEmpty else {
      return try Tensor(shape: [0, vocabularySize], repeating: 0)
    }
    guard let shortLength, let history = state.history else {
      return try step(tokens, sequences, &state, rows: rows)
    }
    return try step(tokens, sequences, &state, history, shortLength: shortLength, rows: rows)
  }

  /// The logits of tokens that `logits(of:state:rows:)` has checked.
  private func step(
    _ tokens: PackedTokens, _ sequences: [Range<Int>], _ state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    let before = state.lengths
    let hidden = try transformer(
      input(tokens, startingAt: before), lengths: tokens.lengths, caches: &state.caches,
      crossAttentionCaches: state.crossAttentionCaches)
    do {
      let logits = try logits(ofNormalized: rows.select(from: hidden, sequences))
      try TransformerObservation.current?.finishedDecoder {
        try self.logits(ofNormalized: transformer.outputNorm?($0) ?? $0)
      }
      state.lengths = zip(before, tokens.lengths).map { $0 + $1 }
      return logits
    } catch {
      try state.rewind(to: before)
      throw error
    }
  }

  /// The logits from the output of the last norm.
  private func logits(ofNormalized hidden: Tensor) throws -> Tensor {
    var logits = try output(hidden)
    if logitScale != 1 { try logits.scale(by: logitScale) }
    if let logitSoftcap { try logits.softcap(at: logitSoftcap) }
    return logits
  }

  /// The same for LongRoPE: if a sequence becomes longer than `shortLength`, all its tokens are computed again,
  /// because the keys and values in the caches belong to the frequencies of short sequences.
  private func step(
    _ tokens: PackedTokens, _ sequences: [Range<Int>], _ state: inout DecodingState,
    _ history: TokenHistories, shortLength: Int, rows: LogitRows
  ) throws -> Tensor {
    let before = state.lengths
    var history = history
    let restarts = history.append(
      sequences.map { Array(tokens.ids[$0]) }, to: before, shortLength: shortLength)
    guard restarts.contains(true) else {
      let logits = try step(tokens, sequences, &state, rows: rows)
      state.history = history
      return logits
    }
    // A copy, so that the state is unchanged if an error is thrown.
    var restarted = state
    try restarted.rewind(to: zip(before, restarts).map { $1 ? 0 : $0 })
    let all = PackedTokens(
      restarts.indices.map {
        restarts[$0] ? history.tokens[$0] : Array(tokens.ids[sequences[$0]])
      })
    let ranges = try packedRanges(all.lengths, total: all.ids.count, name: "lengths", of: "ids")
    var logits = try step(all, ranges, &restarted, rows: rows)
    if rows == .all {
      // The rows of the new tokens, which are the last ones of each sequence.
      logits = try logits.selecting(
        rows: zip(ranges, tokens.lengths).flatMap { range, count in
          Array(range.suffix(count))
        })
    }
    restarted.history = history
    state = restarted
    return logits
  }
}

extension CausalDecoder: CustomStringConvertible {
  /// The type and the sizes, such as `CausalDecoder(phi3, 32 layers, hidden size 3072, vocabulary 32064)`.
  package var description: String {
    DescriptionText.parts(
      "CausalDecoder", type.isEmpty ? nil : printable(type),
      counted(transformer.blocks.count, "layer"), "hidden size \(output.inputSize)",
      "vocabulary \(vocabularySize)")
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
