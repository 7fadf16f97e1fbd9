import Attention

/// Gemma 3, the language model: Gemma 2 without the softcap of scores, with RMS norms of queries and keys, and
/// with two rotary embeddings: one for blocks with a window, another one for the blocks without.
///
/// EmbeddingGemma has the same blocks, in which tokens also attend to later tokens.
///
/// - Source: Gemma Team 2025; tensor names as in Hugging Face's `Gemma3ForCausalLM`.
enum Gemma3 {
  static let family = DecoderFamily(types: ["gemma3_text"], reader: description)

  static func description(_ config: ConfigurationReader) throws -> DecoderDescription {
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 262_208, hiddenSize: 2304, layerCount: 26, headCount: 8,
        keyValueHeadCount: 4, headDimension: 256, intermediateSize: 9216, contextLength: 131_072,
        isTied: true, activation: "gelu_pytorch_tanh"),
      keys: DecoderKeys(activation: "hidden_activation"), rotary: nil)
    try decoder.readGemma(config)
    try decoder.readScoreScale(config)
    decoder.normPlacement = .beforeAndAfter
    decoder.headNorms = .perHead
    // The class ignores `attn_logit_softcapping`.
    decoder.logitSoftcap = try config.softcap("final_logit_softcapping", default: nil)

    var window = try config.slidingWindow(default: 4096)
    // A bidirectional window has w tokens in total; each side includes the token itself.
    if decoder.isBidirectional { window = window.map { $0 / 2 + 1 } }
    let period = try config.integer("sliding_window_pattern", in: 1...1_000_000, default: 6)
    try decoder.setWindows(window, config) { !($0 + 1).isMultiple(of: period) }
    try setRotary(of: &decoder, config)
    return decoder
  }

  /// Reads the rotary embeddings: from `rope_parameters`, with an object for each layer type, or from
  /// `rope_theta` and `rope_scaling` for blocks without a window and `rope_local_base_freq` for the others.
  private static func setRotary(
    of decoder: inout DecoderDescription, _ config: ConfigurationReader
  ) throws {
    let parameters = try config.optionalNested("rope_parameters")
    func rotary(_ layerType: String, _ old: ConfigurationReader?, _ keys: RotaryKeys) throws
      -> RotaryEmbedding?
    {
      try RotaryEmbedding.read(
        config, keys, parameters: old ?? parameters?.optionalNested(layerType),
        headDimension: decoder.headDimension, contextLength: decoder.contextLength)
    }
    let global = try rotary(
      "full_attention", config.optionalNested("rope_scaling"), RotaryKeys(defaultBase: 1_000_000))
    let local = try rotary("sliding_attention", nil, RotaryKeys(base: "rope_local_base_freq"))
    for index in decoder.layers.indices {
      decoder.layers[index].rotary = decoder.layers[index].window == nil ? global : local
    }
  }
}
