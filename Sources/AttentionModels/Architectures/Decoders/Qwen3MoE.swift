/// Qwen 3 with mixtures of experts.
///
/// - Source: Qwen Team 2025; tensor names as in Hugging Face's `Qwen3MoeForCausalLM`.
enum Qwen3MoE {
  static let family = DecoderFamily(types: ["qwen3_moe"]) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 151_936, hiddenSize: 2048, layerCount: 24, headCount: 32,
        keyValueHeadCount: 4, intermediateSize: 6144, contextLength: 32_768))
    decoder.headNorms = .perHead
    try decoder.readBiases(config)
    // All blocks have the window.
    decoder.setWindows(try Qwen2.window(config))
    try decoder.readExperts(
      config,
      defaults: ExpertSizes(
        count: 128, activeCount: 8, intermediateSize: 768, normalizesWeights: false),
      countKeys: ["num_experts", "num_local_experts"])
    return decoder
  }
}
