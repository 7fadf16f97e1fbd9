import Attention

/// The values for missing keys in `config.json`: the defaults of a family's configuration class in
/// `transformers`.
struct DecoderDefaults: Sendable {
  var vocabularySize = 32_000
  var hiddenSize = 4096
  var layerCount = 32
  var headCount = 32
  /// nil for the number of query heads.
  var keyValueHeadCount: Int?
  /// nil for the hidden size divided by the number of heads.
  var headDimension: Int?
  var intermediateSize = 11_008
  var contextLength = 2048
  var epsilon = 1e-6
  var isTied = false
  var activation = "silu"
}

/// The keys of `config.json` whose names differ between families.
struct DecoderKeys: Sendable {
  var epsilon = "rms_norm_eps"
  var activation = "hidden_act"
  /// nil if the family does not read a head dimension.
  var headDimension: String? = "head_dim"
  /// nil if the family has as many key and value heads as query heads.
  var keyValueHeadCount: String? = "num_key_value_heads"
}

extension DecoderDescription {
  /// The maximum number of blocks.
  static let blockLimit = 10_000

  /// Reads the sizes, and rotary positions that are the same in all blocks.
  ///
  /// - Throws: `ModelError.unsupported` for a variant, `ModelError.configuration` for an invalid value.
  init(
    _ config: ConfigurationReader, defaults: DecoderDefaults, keys: DecoderKeys = DecoderKeys(),
    rotary rotaryKeys: RotaryKeys? = RotaryKeys()
  ) throws {
    type = try config.string("model_type")
    vocabularySize = try config.integer(
      "vocab_size", in: 1...100_000_000, default: defaults.vocabularySize)
    hiddenSize = try config.integer("hidden_size", in: 1...1_000_000, default: defaults.hiddenSize)
    let layerCount = try config.integer(
      "num_hidden_layers", in: 1...Self.blockLimit, default: defaults.layerCount)
    headCount = try config.integer(
      "num_attention_heads", in: 1...100_000, default: defaults.headCount)
    intermediateSize = try config.integer(
      "intermediate_size", in: 1...10_000_000, default: defaults.intermediateSize)
    contextLength = try config.integer(
      "max_position_embeddings", in: 1...1_000_000_000, default: defaults.contextLength)
    epsilon = try config.epsilon(keys.epsilon, default: defaults.epsilon)
    activation = try config.activation(keys.activation, default: defaults.activation)
    isTied = try config.optionalBoolean("tie_word_embeddings") ?? defaults.isTied
    keyValueHeadCount =
      try keys.keyValueHeadCount.flatMap {
        try config.integer($0, in: 1...100_000, orNullUnlessAbsent: defaults.keyValueHeadCount)
      } ?? headCount
    headDimension = try Self.headDimension(
      config, keys.headDimension, default: defaults.headDimension, hiddenSize: hiddenSize,
      headCount: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw config.failure(
        "num_attention_heads \(headCount) is not divisible by num_key_value_heads "
          + "\(keyValueHeadCount)")
    }
    layers = Array(repeating: Layer(), count: layerCount)
    guard let rotaryKeys else { return }
    let rotary = try RotaryEmbedding.read(
      config, rotaryKeys, headDimension: headDimension, contextLength: contextLength)
    for index in layers.indices { layers[index].rotary = rotary }
  }

  private static func headDimension(
    _ config: ConfigurationReader, _ key: String?, default: Int?, hiddenSize: Int, headCount: Int
  ) throws -> Int {
    let given = try key.flatMap {
      try config.integer($0, in: 1...65_536, orNullUnlessAbsent: `default`)
    }
    guard given != nil || hiddenSize % headCount == 0 else {
      throw config.failure(
        "hidden_size \(hiddenSize) is not divisible by num_attention_heads \(headCount)")
    }
    return given ?? hiddenSize / headCount
  }

  /// Reads `attention_bias`, for all projections of attention, and `mlp_bias`.
  mutating func readBiases(_ config: ConfigurationReader, hasFeedForwardKey: Bool = false) throws {
    hasProjectionBias = try config.optionalBoolean("attention_bias") ?? false
    hasOutputBias = hasProjectionBias
    if hasFeedForwardKey {
      hasFeedForwardBias = try config.optionalBoolean("mlp_bias") ?? false
    }
  }
}

// MARK: - Windows

extension DecoderDescription {
  /// Sets the window of every block.
  mutating func setWindows(_ window: Int?) {
    for index in layers.indices { layers[index].window = window }
  }

  /// Sets the window of the blocks that `layer_types` names.
  ///
  /// - Parameter isWindowed: whether a block has a window if there is no such key.
  mutating func setWindows(
    _ window: Int?, _ config: ConfigurationReader, unlessGiven isWindowed: (Int) -> Bool
  ) throws {
    let windowed =
      try config.windowedLayers(count: layers.count) ?? layers.indices.map(isWindowed)
    for index in layers.indices where windowed[index] {
      guard let window else {
        throw config.failure("layer_types has sliding_attention, but sliding_window is missing")
      }
      layers[index].window = window
    }
  }
}
