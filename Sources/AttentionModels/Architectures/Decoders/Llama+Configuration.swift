import Attention
import AttentionCore

extension Llama {
  /// The family of a model: `model_type` in its `config.json`.
  public enum Family: String, Sendable, Hashable, CaseIterable {
    /// Llama 1, 2 and 3, and the many models with the same architecture.
    case llama
    /// Each token attends to the last `sliding_window` tokens only, including itself.
    case mistral
    /// Biases in the query, key and value projections; optional sliding windows in the later blocks.
    case qwen2
    /// An RMS norm over the queries and keys of each head; windows as in Qwen 2.
    case qwen3
    /// Windows in every second block; softcaps of scores and logits; embeddings times √hiddenSize; norms
    /// before and after each layer, stored as weight − 1.
    case gemma2
  }

  /// The values in `config.json`.
  public struct Configuration: Sendable, Hashable {
    /// The family.
    public let family: Family
    /// The number of token ids.
    public let vocabularySize: Int
    /// The number of features of a token between the blocks.
    public let hiddenSize: Int
    /// The number of blocks.
    public let layerCount: Int
    /// The number of query heads of a block.
    public let headCount: Int
    /// The number of key and value heads of a block.
    public let keyValueHeadCount: Int
    /// The number of features of a head.
    public let headDimension: Int
    /// The number of features inside a feed-forward layer.
    public let intermediateSize: Int
    /// The longest sequence in training: `max_position_embeddings`. Longer texts are accepted.
    public let contextLength: Int
    /// The activation function of the feed-forward layers.
    public let activation: Activation
    /// ε of every norm.
    public let epsilon: Float
    /// The rotary position embedding of queries and keys.
    public let rotary: RotaryEmbedding
    /// For each block, the number of tokens that a token attends to, including itself; nil for all earlier
    /// tokens.
    public let windows: [Int?]
    /// The scale of the attention scores; nil for 1 / √(head dimension).
    public let scoreScale: Float?
    /// The softcap of scores; nil for none.
    public let scoreSoftcap: Float?
    /// The softcap of logits; nil for none.
    public let logitSoftcap: Float?
    /// Whether queries, keys and values have biases.
    public let hasProjectionBias: Bool
    /// Whether the output projection of attention has a bias.
    public let hasOutputBias: Bool
    /// Whether the feed-forward layers have biases.
    public let hasFeedForwardBias: Bool
    /// Whether the output layer uses the token embedding matrix (tied weights).
    public let isTied: Bool
  }
}

extension Llama.Configuration {
  /// The sizes in a `config.json` of one of the families, from transformers 5 or earlier; the defaults of
  /// the family's configuration class for missing keys.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader) throws {
    let family = try Llama.family(of: config)
    try self.init(family.description(config), config)
  }

  /// - Parameter config: the configuration that `decoder` was read from.
  init(_ decoder: DecoderDescription, _ config: ConfigurationReader) throws {
    guard let family = Llama.Family(rawValue: decoder.type), let rotary = decoder.layers[0].rotary
    else {
      throw config.unsupportedArchitecture(
        decoder.type, supported: Llama.Family.allCases.map(\.rawValue))
    }
    self.family = family
    self.rotary = rotary
    vocabularySize = decoder.vocabularySize
    hiddenSize = decoder.hiddenSize
    layerCount = decoder.layers.count
    headCount = decoder.headCount
    keyValueHeadCount = decoder.keyValueHeadCount
    headDimension = decoder.headDimension
    intermediateSize = decoder.intermediateSize
    contextLength = decoder.contextLength
    activation = decoder.activation
    epsilon = decoder.epsilon
    windows = decoder.layers.map(\.window)
    scoreScale = decoder.scoreScale
    scoreSoftcap = decoder.scoreSoftcap
    logitSoftcap = decoder.logitSoftcap
    hasProjectionBias = decoder.hasProjectionBias
    hasOutputBias = decoder.hasOutputBias
    hasFeedForwardBias = decoder.hasFeedForwardBias
    isTied = decoder.isTied
  }
}
