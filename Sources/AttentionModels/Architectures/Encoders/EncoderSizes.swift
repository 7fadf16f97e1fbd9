import Attention
import AttentionCore

/// The sizes in the `config.json` of BERT and its relatives.
struct EncoderSizes: Sendable, Hashable {
  /// The number of token ids.
  var vocabularySize = 30_522
  /// The number of features of a token.
  var hiddenSize = 768
  /// The number of blocks.
  var layerCount = 12
  /// The number of heads of a block.
  var headCount = 12
  /// The number of features inside a feed-forward layer.
  var intermediateSize = 3072
  /// The rows of the table of positions.
  var positionCount = 512
  /// The rows of the table of segments; 0 for no table.
  var segmentCount = 2
  /// The activation function of the feed-forward layers.
  var activation = Activation.gelu
  /// ε of every norm.
  var epsilon: Float = 1e-12

  /// The number of features of a head.
  var headDimension: Int { hiddenSize / headCount }

  /// The maximum number of blocks.
  static let blockLimit = 10_000

  /// The keys in `config.json`.
  struct Keys: Sendable {
    var hiddenSize = "hidden_size"
    var layerCount = "num_hidden_layers"
    var headCount = "num_attention_heads"
    var intermediateSize = "intermediate_size"
    /// nil if the family reads the activation function itself.
    var activation: String? = "hidden_act"
    var positionCount = "max_position_embeddings"
    /// nil if the family has no segments, whatever the file says.
    var segmentCount: String? = "type_vocab_size"
    var epsilon = "layer_norm_eps"
  }

  /// The default sizes of a family.
  init() {}

  /// Reads the sizes of a family.
  ///
  /// - Parameters:
  ///   - defaults: the sizes for missing keys: the defaults of the family's class in `transformers`.
  ///   - defaultActivation: the activation function for a missing key, by its name in the file.
  ///   - positionTypes: the supported values of `position_embedding_type`. The first is the default.
  ///   - leastSegments: 0 if a model may be without a table of segments.
  /// - Throws: `ModelError.unsupported` for a variant, `ModelError.configuration` for an invalid value.
  init(
    _ config: ConfigurationReader, defaults: EncoderSizes = EncoderSizes(),
    defaultActivation: String = "gelu", keys: Keys = Keys(),
    positionTypes: [String] = ["absolute"], leastSegments: Int = 1
  ) throws {
    if let type = positionTypes.first {
      try config.require("position_embedding_type", oneOf: positionTypes, default: type)
    }
    for key in ["is_decoder", "add_cross_attention"] { try config.refuse(key) }
    vocabularySize = try config.integer(
      "vocab_size", in: 1...100_000_000, default: defaults.vocabularySize)
    hiddenSize = try config.integer(
      keys.hiddenSize, in: 1...1_000_000, default: defaults.hiddenSize)
    layerCount = try config.integer(
      keys.layerCount, in: 1...Self.blockLimit, default: defaults.layerCount)
    headCount = try config.integer(keys.headCount, in: 1...1_000_000, default: defaults.headCount)
    intermediateSize = try config.integer(
      keys.intermediateSize, in: 1...10_000_000, default: defaults.intermediateSize)
    positionCount = try config.integer(
      keys.positionCount, in: 1...100_000_000, default: defaults.positionCount)
    segmentCount =
      try keys.segmentCount.map {
        try config.integer($0, in: leastSegments...1_000_000, default: defaults.segmentCount)
      } ?? 0
    epsilon = try config.epsilon(keys.epsilon, default: Double(defaults.epsilon))
    guard hiddenSize % headCount == 0 else {
      throw ModelError.configuration(
        path: config.path,
        reason:
          "\(keys.hiddenSize) \(hiddenSize) is not divisible by \(keys.headCount) \(headCount)")
    }
    if let key = keys.activation {
      activation = try config.activation(key, default: defaultActivation)
    }
  }
}
