import Attention

/// The norm of a decoder: layer normalization, or RMS normalization.
enum NormKind: Sendable, Hashable {
  case layer
  /// RMS normalization, with the weight of the file plus `weightOffset`: Gemma's files store weight − 1.
  case rms(weightOffset: Float)
}

/// The places of the norms in a block.
enum NormPlacement: Sendable, Hashable {
  /// Before each layer.
  case before
  /// Before and after each layer.
  case beforeAndAfter
  /// After each layer.
  case after
}

/// The norms of queries and keys.
enum HeadNorms: Sendable, Hashable {
  case none
  /// A norm over the features of each head.
  case perHead
  /// A norm over the features of all heads.
  case allHeads
}

/// The sizes of a mixture of experts.
struct ExpertSizes: Sendable, Hashable {
  /// The number of experts.
  var count: Int
  /// The number of experts that a token uses.
  var activeCount: Int
  /// The number of features inside an expert.
  var intermediateSize: Int
  /// Whether the weights of a token's experts are divided by their sum.
  var normalizesWeights: Bool
  /// The number of features inside the shared expert, which has a gate; nil for none.
  var sharedIntermediateSize: Int?
}

/// A decoder of Llama's kind: its sizes, and the options of the shared layers that it uses.
///
/// Each family reads its `config.json` into a description; `WeightLoader.decoder(_:_:)` makes the decoder.
struct DecoderDescription: Sendable, Hashable {
  /// What differs between the blocks.
  struct Layer: Sendable, Hashable {
    /// The number of tokens that a token attends to, including itself; nil for all earlier tokens.
    var window: Int?
    /// The rotary position embedding of queries and keys; nil for none.
    var rotary: RotaryEmbedding?
    /// Whether the feed-forward layer is a mixture of experts.
    var hasExperts = false
  }

  /// `model_type`.
  var type: String
  /// The number of token ids.
  var vocabularySize: Int
  /// The number of features of a token between the blocks.
  var hiddenSize: Int
  /// The number of query heads of a block.
  var headCount: Int
  /// The number of key and value heads of a block.
  var keyValueHeadCount: Int
  /// The number of features of a head.
  var headDimension: Int
  /// The number of features inside a dense feed-forward layer.
  var intermediateSize: Int
  /// The longest sequence in training.
  var contextLength: Int
  /// The activation function of the feed-forward layers.
  var activation: Activation
  /// ε of every norm.
  var epsilon: Float
  /// Whether the output layer uses the token embedding matrix (tied weights).
  var isTied: Bool
  /// The blocks.
  var layers: [Layer]

  var norm = NormKind.rms(weightOffset: 0)
  var normPlacement = NormPlacement.before
  var headNorms = HeadNorms.none
  /// Whether queries, keys and values have biases.
  var hasProjectionBias = false
  /// Whether the output projection of attention has a bias.
  var hasOutputBias = false
  /// Whether the feed-forward layers have biases.
  var hasFeedForwardBias = false
  /// Whether attention and the feed-forward layer of a block read the same input.
  var isParallel = false
  /// Whether tokens also attend to later tokens, as in an encoder.
  var isBidirectional = false
  /// The experts of the layers that have any.
  var experts: ExpertSizes?

  /// The factor of the embeddings.
  var embeddingScale: Float = 1
  /// The factor of the output of every layer.
  var residualScale: Float = 1
  /// The scale of the attention scores; nil for 1 / √(head dimension).
  var scoreScale: Float?
  /// The softcap of scores; nil for none.
  var scoreSoftcap: Float?
  /// The factor of the logits.
  var logitScale: Float = 1
  /// The softcap of logits; nil for none.
  var logitSoftcap: Float?

  /// The keys that each token attends to.
  func mask(ofLayer index: Int) -> AttentionMask {
    switch (layers[index].window, isBidirectional) {
    case (nil, false): .causal
    case (nil, true): .none
    case (let window?, false): .window(left: window - 1, right: 0)
    case (let window?, true): .window(left: window - 1, right: window - 1)
    }
  }
}
