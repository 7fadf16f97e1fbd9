import Attention

/// BERT's encoder: embeddings, then blocks of self-attention that looks both ways.
///
///     x = norm(word[id] + position[i] + segment[type])
///     x ← block(x), for each block: post-norm, with the configuration's activation
///
/// - Source: Devlin et al. 2018; tensor names as in Hugging Face's `BertModel`.
public struct BERT: Sendable {
  /// The sizes in `config.json`.
  public struct Configuration: Sendable, Hashable {
    /// The number of token ids.
    public let vocabularySize: Int
    /// The features of a token between the blocks.
    public let hiddenSize: Int
    /// The number of blocks.
    public let layerCount: Int
    /// The heads of a block; each is ``hiddenSize`` / ``headCount`` wide.
    public let headCount: Int
    /// The features inside a feed-forward layer.
    public let intermediateSize: Int
    /// The longest sequence.
    public let contextLength: Int
    /// The number of segments, such as question and context.
    public let segmentCount: Int
    /// The feed-forward layers' function.
    public let activation: Activation
    /// ε of every normalisation.
    public let epsilon: Float
  }

  /// The model's sizes.
  public let configuration: Configuration

  private let words: Embedding
  private let positions: Embedding
  private let segments: Embedding
  private let norm: LayerNorm
  private let encoder: Transformer

  /// Loads a model of type `bert` from its folder: `config.json`, and `model.safetensors` or the
  /// shards that `model.safetensors.index.json` names.
  ///
  /// - Throws: ``ModelError`` naming the file and what is missing, wrong or not supported in it;
  ///   `AttentionError.file` for a file that cannot be read or leads out of the folder;
  ///   `AttentionError.memory` when the weights do not fit.
  public init(_ directory: ModelDirectory) throws {
    let configuration = try Configuration(directory.configuration())
    try self.init(configuration, weights: Checkpoint(directory))
  }

  init(_ configuration: Configuration, weights checkpoint: Checkpoint) throws {
    // A bare encoder's names begin with "embeddings", those of a model with a task's head with "bert".
    let isPrefixed = checkpoint.contains("bert.embeddings.word_embeddings.weight")
    let loader = WeightLoader(
      checkpoint, prefix: isPrefixed ? "bert." : "", format: .float32)
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, configuration.intermediateSize)
    let epsilon = configuration.epsilon

    let embeddings = loader.nested("embeddings")
    words = try embeddings.embedding(
      "word_embeddings", count: configuration.vocabularySize, hiddenSize: hiddenSize)
    positions = try embeddings.embedding(
      "position_embeddings", count: configuration.contextLength, hiddenSize: hiddenSize)
    segments = try embeddings.embedding(
      "token_type_embeddings", count: configuration.segmentCount, hiddenSize: hiddenSize)
    norm = try embeddings.layerNorm("LayerNorm", featureCount: hiddenSize, epsilon: epsilon)

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
    encoder = try Transformer(blocks: blocks)
    self.configuration = configuration
  }

  /// What the encoder computed for a packed batch.
  public struct Output: Sendable {
    /// x after the last block, `[token, hiddenSize]`.
    public var hiddenStates: Tensor
    /// For each block, if asked for, its weights `[head, query token, key token]`, 0 between
    /// different sequences; else empty.
    public var attentionWeights: [Tensor]
  }

  /// Encodes sequences that lie end to end; no padding is computed.
  ///
  /// - Parameters:
  ///   - tokens: the sequences' token ids.
  ///   - returningWeights: whether to return every block's attention weights, which take memory
  ///     proportional to blocks · heads · tokens².
  /// - Returns: the hidden states `[token, hiddenSize]`, and the weights if they are asked for.
  /// - Throws: ``ModelError/text(_:reason:)`` for a sequence that is "longer than" the model allows,
  ///   `AttentionError.argument` for an id or segment that the model does not have, and for lengths
  ///   or segments that do not fit the ids; `AttentionError.memory`.
  /// - Complexity: O(tokens · width · (width + inner width)) a block, and O(tokens² · width) a
  ///   sequence.
  public func callAsFunction(
    _ tokens: PackedTokens, returningWeights: Bool = false
  ) throws -> Output {
    _ = try packedRanges(
      tokens.lengths, total: tokens.ids.count, name: "lengths", of: "ids")
    guard tokens.segments.count == tokens.ids.count else {
      throw AttentionError.argument(
        "segments",
        reason: "expected \(tokens.ids.count), one a token, got \(tokens.segments.count)")
    }
    if let length = tokens.lengths.first(where: { $0 > configuration.contextLength }) {
      throw ModelError.text(
        "sequence",
        reason: "\(length) tokens, longer than the \(configuration.contextLength) of the model")
    }
    var workspace = Transformer.Workspace()
    guard !returningWeights else {
      // Weights between all tokens, whichever sequence they belong to.
      var hidden = try embeddings(of: tokens)
      let layers = try encoder.apply(
        to: &hidden, lengths: tokens.lengths, returning: .weights, &workspace)
      return Output(hiddenStates: hidden, attentionWeights: layers.compactMap(\.weights))
    }
    let hiddenStates = try tokens.mapParts(hiddenSize: configuration.hiddenSize) { part in
      var hidden = try embeddings(of: part)
      _ = try encoder.apply(to: &hidden, lengths: part.lengths, &workspace)
      return hidden
    }
    return Output(hiddenStates: hiddenStates, attentionWeights: [])
  }

  /// x before the first block.
  private func embeddings(of tokens: PackedTokens) throws -> Tensor {
    try embeddingSum(
      [
        (words, tokens.ids), (positions, tokens.lengths.flatMap { 0..<$0 }),
        (segments, tokens.segments),
      ], norm: norm)
  }
}

extension BERT.Configuration {
  /// The sizes in a `config.json` of type `bert`; those of `BertConfig` where a key is missing.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for a key that makes no sense.
  package init(_ config: ConfigurationReader) throws {
    try config.requireArchitecture(["bert"])
    let embedding = try config.optionalString("position_embedding_type") ?? "absolute"
    guard embedding == "absolute" else {
      throw ModelError.unsupported(
        path: config.path, what: "position_embedding_type \(printable(embedding))",
        supported: ["absolute"])
    }
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

extension Activation {
  /// What Hugging Face configurations call these functions.
  static let huggingFaceNames: [String: Activation] = [
    "gelu": .gelu, "gelu_python": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
    "relu": .relu, "silu": .silu, "swish": .silu,
  ]

  init?(huggingFaceName name: String) {
    guard let activation = Self.huggingFaceNames[name] else { return nil }
    self = activation
  }
}
