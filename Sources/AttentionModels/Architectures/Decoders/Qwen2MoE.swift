/// Qwen 1.5 and 2 with mixtures of experts: Qwen 2 whose feed-forward layers have experts, and one that every
/// token uses.
///
/// - Source: Qwen Team 2024; tensor names as in Hugging Face's `Qwen2MoeForCausalLM`.
enum Qwen2MoE {
  static let family = DecoderFamily(types: ["qwen2_moe"]) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 151_936, hiddenSize: 2048, layerCount: 24, headCount: 16,
        keyValueHeadCount: 16, intermediateSize: 5632, contextLength: 32_768))
    decoder.hasProjectionBias = try config.optionalBoolean("qkv_bias") ?? true
    let window = try Qwen2.window(config)
    let end = try config.optionalInteger("max_window_layers", in: 0...1_000_000) ?? 28
    try decoder.setWindows(window, config) {
      window != nil && $0.isMultiple(of: 2) && $0 < end
    }
    try decoder.readExperts(
      config,
      defaults: ExpertSizes(
        count: 60, activeCount: 4, intermediateSize: 1408, normalizesWeights: false,
        sharedIntermediateSize: 5632),
      countKeys: ["num_experts"])
    return decoder
  }
}
