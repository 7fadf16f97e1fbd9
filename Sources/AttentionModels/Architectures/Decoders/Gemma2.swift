/// Gemma 2: Gemma with norms before and after each layer, windows in every second block, and softcaps of scores
/// and logits.
///
/// - Source: Gemma Team 2024b; tensor names as in Hugging Face's `Gemma2ForCausalLM`.
enum Gemma2 {
  static let family = DecoderFamily(types: ["gemma2"]) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 256_000, hiddenSize: 2304, layerCount: 26, headCount: 8,
        keyValueHeadCount: 4, headDimension: 256, intermediateSize: 9216, contextLength: 8192,
        isTied: true, activation: "gelu_pytorch_tanh"),
      keys: DecoderKeys(activation: "hidden_activation"))
    try decoder.readGemma(config)
    try decoder.readScoreScale(config)
    decoder.normPlacement = .beforeAndAfter
    decoder.scoreSoftcap = try config.softcap("attn_logit_softcapping", default: 50)
    decoder.logitSoftcap = try config.softcap("final_logit_softcapping", default: 30)
    try decoder.setWindows(config.slidingWindow(default: 4096), config) { $0.isMultiple(of: 2) }
    return decoder
  }
}
