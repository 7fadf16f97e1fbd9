/// Qwen 2 and 2.5: Llama with biases of queries, keys and values, and optional windows in the later blocks.
///
/// - Source: Qwen Team 2024; tensor names as in Hugging Face's `Qwen2ForCausalLM`.
enum Qwen2 {
  static let defaults = DecoderDefaults(
    vocabularySize: 151_936, keyValueHeadCount: 32, intermediateSize: 22_016, contextLength: 32_768)

  static let family = DecoderFamily(types: ["qwen2"]) { config in
    var decoder = try DecoderDescription(config, defaults: defaults)
    // The biases do not depend on config.json.
    decoder.hasProjectionBias = true
    try setWindows(of: &decoder, config)
    return decoder
  }

  /// The window of the blocks that have one; nil unless `use_sliding_window` is true.
  static func window(_ config: ConfigurationReader) throws -> Int? {
    try config.optionalBoolean("use_sliding_window") == true
      ? config.slidingWindow(default: 4096) : nil
  }

  /// Windows in the blocks from `max_window_layers` on, or in those that `layer_types` names.
  static func setWindows(of decoder: inout DecoderDescription, _ config: ConfigurationReader) throws
  {
    let window = try window(config)
    let first = try config.optionalInteger("max_window_layers", in: 0...1_000_000) ?? 28
    try decoder.setWindows(window, config) { window != nil && $0 >= first }
  }
}
