import Attention

/// The common part of all encoder–decoders: each prompt is encoded once, and the generated text begins with
/// a start token. Each token of the text attends to itself, to earlier tokens, and to the encoder output.
///
///     m = encoder(x)                              x of the prompt's tokens
///     logits = decoder(x, m)                      x of the text's tokens
///
/// Each family reads its configuration and weights and creates an `EncoderDecoder`.
///
/// - Source: Sutskever, Vinyals & Le 2014; Vaswani et al. 2017.
struct EncoderDecoder: Sendable {
  /// x of the prompt.
  let input: TokenInput
  /// The encoder's blocks, and the norm after the last block.
  let encoder: Transformer
  /// The decoder of the text, with cross-attention.
  let decoder: CausalDecoder
  /// The first token of a text.
  let startToken: Int

  /// The encoder output m, `[prompt token, hiddenSize]`.
  func encode(_ prompts: PackedTokens) throws -> Tensor {
    try input.requirePrompts(prompts)
    var workspace = Transformer.Workspace()
    return try prompts.mapBatches(hiddenSize: input.tokens.hiddenSize) { batch in
      var hidden = try input(batch, startingAt: batch.lengths.map { _ in 0 })
      _ = try encoder.apply(to: &hidden, lengths: batch.lengths, &workspace)
      return hidden
    }
  }

  /// `LanguageModel.begin(_:)` of an encoder–decoder: the keys and values of m for cross-attention,
  /// computed once, and the start token for each prompt.
  func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens) {
    let count = prompts.lengths.count
    let crossAttentionCaches = try decoder.transformer.makeCrossAttentionCaches(
      encode(prompts), lengths: prompts.lengths)
    let state = DecodingState(
      sequenceCount: count, caches: try decoder.transformer.makeCaches(sequenceCount: count),
      crossAttentionCaches: crossAttentionCaches)
    return (state, PackedTokens(Array(repeating: [startToken], count: count)))
  }
}
