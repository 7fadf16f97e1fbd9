/// SmolLM3: Llama without rotary positions in every fourth block.
///
/// - Source: Bakouch et al. 2025; Yang et al. 2025 (blocks without positions). Tensor names as in Hugging Face's
///   `SmolLM3ForCausalLM`.
enum SmolLM3 {
  static let family = DecoderFamily(types: ["smollm3"]) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 128_256, hiddenSize: 2048, layerCount: 36, headCount: 16,
        keyValueHeadCount: 4, contextLength: 32_768, isTied: true),
      rotary: RotaryKeys(defaultBase: 2_000_000))
    try decoder.readBiases(config, hasFeedForwardKey: true)
    let isRotated = try rotatedLayers(config, count: decoder.layers.count)
    let window = try config.slidingWindow(default: nil)
    let usesWindow = try config.optionalBoolean("use_sliding_window") ?? false
    try decoder.setWindows(window, config) { usesWindow && window != nil && !isRotated[$0] }
    for index in decoder.layers.indices where !isRotated[index] {
      decoder.layers[index].rotary = nil
    }
    return decoder
  }

  /// Whether each block has rotary positions: `no_rope_layers`, in which 1 means that a block has them.
  private static func rotatedLayers(_ config: ConfigurationReader, count: Int) throws -> [Bool] {
    guard let layers = try config.optionalArray("no_rope_layers") else {
      let interval = try config.integer("no_rope_layer_interval", in: 1...1_000_000, default: 4)
      return (1...count).map { !$0.isMultiple(of: interval) }
    }
    guard layers.count >= count else {
      throw config.failure(
        "no_rope_layers: expected \(count), one per layer of num_hidden_layers, got \(layers.count)"
      )
    }
    return try layers.prefix(count).map { layer in
      guard let value = layer.integer else {
        throw config.mismatch("no_rope_layers", expected: "integers", layer)
      }
      return value != 0
    }
  }
}
