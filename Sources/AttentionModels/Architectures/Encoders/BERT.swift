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
    /// The number of token ids.
    public let vocabularySize: Int
    /// The number of features of a token: `hidden_size`.
    public let hiddenSize: Int
    /// The number of blocks.
    public let layerCount: Int
    /// The number of heads of a block, each with ``hiddenSize`` / ``headCount`` features.
    public let headCount: Int
    /// The number of features inside a feed-forward layer.
    public let intermediateSize: Int
    /// The longest sequence in tokens.
    public let contextLength: Int
    /// The number of segments, such as question and context.
    public let segmentCount: Int
    /// The activation function of the feed-forward layers.
    public let activation: Activation
    /// ε of every norm.
    public let epsilon: Float
  }

  /// The model's sizes.
  public let configuration: Configuration
  private let encoder: TransformerEncoder

  /// The number of features of a token.
  public var hiddenSize: Int { configuration.hiddenSize }
  /// The number of token ids.
  public var vocabularySize: Int { configuration.vocabularySize }
  /// The longest sequence in tokens: the number of positions.
  public var contextLength: Int? { configuration.contextLength }
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
    let configuration = try Configuration(directory.configuration())
    try self.init(configuration, weights: Checkpoint(directory), format: format)
  }

  init(_ configuration: Configuration, weights: Checkpoint, format: WeightFormat?) throws {
    // Names begin with "embeddings" in a bare encoder, with "bert" in a model with a task's head.
    let file = WeightLoader(weights, format: format)
    let isPrefixed = file.contains("bert.embeddings.word_embeddings.weight")
    let loader = isPrefixed ? file.nested("bert") : file
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, configuration.intermediateSize)
    let epsilon = configuration.epsilon

    let embeddings = loader.nested("embeddings")
    let input = EncoderInput(
      words: try embeddings.wordTable(
        "word_embeddings", count: configuration.vocabularySize, hiddenSize: hiddenSize),
      positions: try embeddings.embedding(
        "position_embeddings", count: configuration.contextLength, hiddenSize: hiddenSize),
      segments: try embeddings.embedding(
        "token_type_embeddings", count: configuration.segmentCount, hiddenSize: hiddenSize),
      norm: try embeddings.layerNorm("LayerNorm", featureCount: hiddenSize, epsilon: epsilon))

    let blocks = try (0..<configuration.layerCount).map { index in
      let layer = loader.nested("encoder.layer.\(index)")
      return try TransformerBlock(
        attention: MultiHeadAttention(
          query: layer.linear("attention.self.query", from: hiddenSize, to: hiddenSize),
          key: layer.linear("attention.self.key", from: hiddenSize, to: hiddenSize),
          value: layer.linear("attention.self.value", from: hiddenSize, to: hiddenSize),
          output: layer.linear("attention.output.dense", from: hiddenSize, to: hiddenSize),
          headCount: configuration.headCount),
        attentionNorms: .init(
          post: .layer(
            layer.layerNorm(
              "attention.output.LayerNorm", featureCount: hiddenSize, epsilon: epsilon))),
        feedForward: FeedForward(
          upProjection: layer.linear("intermediate.dense", from: hiddenSize, to: intermediateSize),
          activation: configuration.activation,
          downProjection: layer.linear("output.dense", from: intermediateSize, to: hiddenSize)),
        feedForwardNorms: .init(
          post: .layer(
            layer.layerNorm("output.LayerNorm", featureCount: hiddenSize, epsilon: epsilon))))
    }
    encoder = TransformerEncoder(input: input, transformer: try Transformer(blocks: blocks))
    self.configuration = configuration
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
    try config.requireArchitecture(["bert"])
    try config.require("position_embedding_type", oneOf: ["absolute"], default: "absolute")
    for key in ["is_decoder", "add_cross_attention"] { try config.refuse(key) }
    vocabularySize = try config.integer("vocab_size", in: 1...100_000_000, default: 30_522)
    hiddenSize = try config.integer("hidden_size", in: 1...1_000_000, default: 768)
    layerCount = try config.integer("num_hidden_layers", in: 1...10_000, default: 12)
    headCount = try config.integer("num_attention_heads", in: 1...1_000_000, default: 12)
    intermediateSize = try config.integer("intermediate_size", in: 1...10_000_000, default: 3072)
    contextLength = try config.integer(
      "max_position_embeddings", in: 1...100_000_000, default: 512)
    segmentCount = try config.integer("type_vocab_size", in: 1...1_000_000, default: 2)
    epsilon = try config.epsilon("layer_norm_eps", default: 1e-12)
    guard hiddenSize % headCount == 0 else {
      throw ModelError.configuration(
        path: config.path,
        reason: "hidden_size \(hiddenSize) is not divisible by num_attention_heads \(headCount)")
    }
    activation = try config.activation("hidden_act", default: "gelu")
  }
}
