import Attention

/// BERT's encoder: embeddings, then blocks of self-attention over all tokens of a sequence.
///
///     x = norm(word[id] + position[i] + segment[type])
///     x ← block(x), for each block: post-norm, with the configuration's activation
///
/// - Source: Devlin et al. 2018; tensor names as in Hugging Face's `BertModel`.
public struct BERT: EncoderModel {
  /// The sizes in `config.json`.
  public struct Configuration: Sendable, Hashable {
    let sizes: EncoderSizes

    /// The number of token ids.
    public var vocabularySize: Int { sizes.vocabularySize }
    /// The number of features of a token: `hidden_size`.
    public var hiddenSize: Int { sizes.hiddenSize }
    /// The number of blocks.
    public var layerCount: Int { sizes.layerCount }
    /// The number of heads of a block, each with ``hiddenSize`` / ``headCount`` features.
    public var headCount: Int { sizes.headCount }
    /// The number of features inside a feed-forward layer.
    public var intermediateSize: Int { sizes.intermediateSize }
    /// The longest sequence in training. Longer texts are accepted only with ALiBi.
    public var contextLength: Int { sizes.positionCount }
    /// The number of segments, such as question and context.
    public var segmentCount: Int { sizes.segmentCount }
    /// The activation function of the feed-forward layers.
    public var activation: Activation { sizes.activation }
    /// ε of every norm.
    public var epsilon: Float { sizes.epsilon }
  }

  /// The model's sizes.
  public let configuration: Configuration
  private let encoder: TransformerEncoder

  static let family = EncoderFamily(
    types: ["bert"], prefix: "bert", heads: .bert(prefix: "bert")
  ) { config in
    guard try config.optionalString("position_embedding_type") != "alibi" else {
      return try JinaBERT.reader(config)
    }
    let sizes = try EncoderSizes(config)
    return { loader in
      try loader.postNormEncoder(sizes, input: loader.encoderInput(sizes))
    }
  }

  /// The number of features of a token.
  public var hiddenSize: Int { configuration.hiddenSize }
  /// The number of token ids.
  public var vocabularySize: Int { configuration.vocabularySize }
  /// The longest sequence in tokens: the number of positions; nil for ALiBi, which has no limit.
  public var contextLength: Int? { encoder.contextLength }
  /// The blocks.
  public var transformer: Transformer { encoder.transformer }

  /// Loads a model of type `bert` from a folder with `config.json`, and `model.safetensors` or the shards
  /// that `model.safetensors.index.json` lists.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: ``ModelError`` naming the file and what is missing, wrong or not supported in it;
  ///   `AttentionError.file` for a file that cannot be read or is outside the folder;
  ///   `AttentionError.memory` if the weights do not fit.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    encoder = try Self.family.load(directory, directory.configuration(), format: format).encoder
    configuration = Configuration(sizes: encoder.sizes)
  }

  /// Encodes a packed batch; no padding is computed.
  ///
  /// - Throws: as ``EncoderModel/callAsFunction(_:returningWeights:)``.
  public func callAsFunction(
    _ tokens: PackedTokens, returningWeights: Bool
  ) throws -> EncoderOutput {
    try encoder(tokens, returningWeights: returningWeights)
  }
}

extension BERT.Configuration {
  /// The sizes in a `config.json` of type `bert`; the defaults of `BertConfig` for missing keys.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader) throws {
    try config.requireArchitecture(BERT.family.types)
    self.init(sizes: try EncoderSizes(config, positionTypes: ["absolute", "alibi"]))
  }
}
