import Attention

/// What all encoder–decoders do, whatever their blocks: prompts are encoded once, and a text goes on from
/// a token of its own, each of its tokens attending to those before it and to the prompt.
///
///     m = encoder(x)                              x of the prompt's tokens
///     logits = decoder(x, m)                      x of the text's tokens
///
/// A family's file reads its configuration and weights and makes one of these.
///
/// - Source: Sutskever, Vinyals & Le 2014; Vaswani et al. 2017.
struct EncoderDecoder: Sendable {
  /// x of a prompt.
  let input: TokenInput
  /// The encoder's blocks and the norm after the last.
  let encoder: Transformer
  /// Everything that reads the text, its blocks with cross-attention.
  let decoder: CausalDecoder
  /// The token that a text begins with.
  let startToken: Int

  /// m, `[prompt token, hiddenSize]`.
  func encode(_ prompts: PackedTokens) throws -> Tensor {
    try input.requirePrompts(prompts)
    var workspace = Transformer.Workspace()
    return try prompts.mapParts(hiddenSize: input.tokens.hiddenSize) { part in
      var hidden = try input(part, startingAt: part.lengths.map { _ in 0 })
      _ = try encoder.apply(to: &hidden, lengths: part.lengths, &workspace)
      return hidden
    }
  }

  /// `LanguageModel.begin(_:)` of an encoder–decoder: what cross-attention makes of m, once for all
  /// steps, and the start token for each prompt.
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

extension WeightLoader {
  /// The vocabulary as encoder and decoder read it, mostly one table, and the output layer.
  ///
  /// Files may have the same table under several names: only those that differ count.
  ///
  /// - Parameters:
  ///   - head: reads the output layer, `lm_head`.
  ///   - count: the number of token ids.
  ///   - isTied: whether the output layer is the shared table, unless the file has another.
  func sharedVocabulary(
    head: WeightLoader, count: Int, hiddenSize: Int, isTied: Bool
  ) throws -> (encoder: TokenEmbedding, decoder: TokenEmbedding, output: Linear) {
    let own = ["encoder.embed_tokens", "decoder.embed_tokens"]
    let name = (["shared"] + own).first { contains("\($0).weight") } ?? "shared"
    let (shared, output) = try vocabulary(
      table: name, head: head, count: count, hiddenSize: hiddenSize, isTied: isTied)
    let tables = try own.map { table in
      let isShared =
        try !contains("\(table).weight")
        || checkpoint.areEqual("\(prefix)\(table).weight", "\(prefix)\(name).weight")
      return isShared ? shared : try tokenEmbedding(table, count: count, hiddenSize: hiddenSize)
    }
    return (tables[0], tables[1], output)
  }
}
