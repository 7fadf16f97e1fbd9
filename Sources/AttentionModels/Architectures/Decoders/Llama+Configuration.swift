import Attention

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

    /// Whether each head's queries and keys have a norm.
    var normalizesHeads: Bool { family == .qwen3 }
    /// Whether layers also have a norm after them.
    var hasSandwichNorms: Bool { family == .gemma2 }
    /// Whether norms multiply by 1 + the stored weight.
    var hasWeightOffset: Bool { family == .gemma2 }
    /// Whether embeddings are multiplied by √hiddenSize.
    var scalesEmbeddings: Bool { family == .gemma2 }
  }
}

extension Llama.Configuration {
  /// The sizes in a `config.json` of one of the families, from transformers 5 or earlier; the defaults of
  /// the family's configuration class for missing keys.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader) throws {
    let families = Llama.Family.allCases.map(\.rawValue)
    try config.requireArchitecture(families)
    family = Llama.Family(rawValue: try config.string("model_type")) ?? .llama
    if family == .gemma2 { try config.refuse("use_bidirectional_attention") }

    let defaults = family.defaultSizes
    vocabularySize = try config.integer(
      "vocab_size", in: 1...100_000_000, default: defaults.vocabulary)
    hiddenSize = try config.integer("hidden_size", in: 1...1_000_000, default: defaults.hidden)
    layerCount = try config.integer("num_hidden_layers", in: 1...10_000, default: defaults.layers)
    headCount = try config.integer("num_attention_heads", in: 1...100_000, default: defaults.heads)
    intermediateSize = try config.integer(
      "intermediate_size", in: 1...10_000_000, default: defaults.intermediate)
    contextLength = try config.integer(
      "max_position_embeddings", in: 1...1_000_000_000, default: defaults.positions)
    epsilon = try config.epsilon("rms_norm_eps", default: 1e-6)
    activation =
      family == .gemma2
      ? try config.activation("hidden_activation", default: "gelu_pytorch_tanh")
      : try config.activation("hidden_act", default: "silu")
    isTied = try config.optionalBoolean("tie_word_embeddings") ?? (family == .gemma2)

    keyValueHeadCount =
      try config.integer(
        "num_key_value_heads", in: 1...100_000,
        orNullUnlessAbsent: family.defaultKeyValueHeadCount) ?? headCount
    headDimension = try Self.headDimension(
      config, family, hiddenSize: hiddenSize, headCount: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw config.failure(
        "num_attention_heads \(headCount) is not divisible by num_key_value_heads "
          + "\(keyValueHeadCount)")
    }
    rotary = try RotaryEmbedding(
      config, headDimension: headDimension, contextLength: contextLength)
    windows = try Self.windows(config, family, layerCount: layerCount)

    // In transformers, the biases of Qwen 2 and Mistral do not depend on config.json.
    let hasAttentionBias =
      try ![.qwen2, .mistral].contains(family) && config.optionalBoolean("attention_bias") ?? false
    hasProjectionBias = family == .qwen2 || hasAttentionBias
    hasOutputBias = hasAttentionBias
    hasFeedForwardBias = try family == .llama && config.optionalBoolean("mlp_bias") ?? false

    guard family == .gemma2 else {
      (scoreScale, scoreSoftcap, logitSoftcap) = (nil, nil, nil)
      return
    }
    let positive = 1e-6...1e9
    scoreScale = try Float(
      1 / (config.optionalNumber("query_pre_attn_scalar", in: positive) ?? 256).squareRoot())
    scoreSoftcap = try config.number(
      "attn_logit_softcapping", in: positive, orNullUnlessAbsent: 50
    ).map { Float($0) }
    logitSoftcap = try config.number(
      "final_logit_softcapping", in: positive, orNullUnlessAbsent: 30
    ).map { Float($0) }
  }

  private static func headDimension(
    _ config: ConfigurationReader, _ family: Llama.Family, hiddenSize: Int, headCount: Int
  ) throws -> Int {
    let given = try config.integer(
      "head_dim", in: 1...65_536, orNullUnlessAbsent: family.defaultHeadDimension)
    guard given != nil || hiddenSize % headCount == 0 else {
      throw config.failure(
        "hidden_size \(hiddenSize) is not divisible by num_attention_heads \(headCount)")
    }
    let dimension = given ?? hiddenSize / headCount
    guard dimension.isMultiple(of: 2) else {
      throw config.failure(
        "the head dimension \(dimension) is not even, as rotary positions require")
    }
    return dimension
  }

  /// The window of each block; nil for none.
  ///
  /// Llama has no windows and Mistral has one for all blocks: their classes do not read `layer_types`.
  private static func windows(
    _ config: ConfigurationReader, _ family: Llama.Family, layerCount: Int
  ) throws -> [Int?] {
    func slidingWindow() throws -> Int? {
      try config.integer("sliding_window", in: 1...1_000_000_000, orNullUnlessAbsent: 4096)
    }
    let layers = 0..<layerCount
    let window: Int?
    let isWindowed: [Bool]
    switch family {
    case .llama:
      return layers.map { _ in nil }
    case .mistral:
      let window = try slidingWindow()
      return layers.map { _ in window }
    case .qwen2, .qwen3:
      window = try config.optionalBoolean("use_sliding_window") == true ? slidingWindow() : nil
      if let types = try layerTypes(config, count: layerCount) {
        isWindowed = types
      } else {
        let first = try config.optionalInteger("max_window_layers", in: 0...1_000_000) ?? 28
        isWindowed = layers.map { window != nil && $0 >= first }
      }
    case .gemma2:
      window = try slidingWindow()
      isWindowed =
        try layerTypes(config, count: layerCount) ?? layers.map { $0.isMultiple(of: 2) }
    }
    return try isWindowed.map { isWindowed in
      guard isWindowed else { return nil }
      guard let window else {
        throw config.failure("layer_types has sliding_attention, but sliding_window is missing")
      }
      return window
    }
  }

  /// Whether each block has a window in `layer_types`; nil if there is no such key.
  private static func layerTypes(_ config: ConfigurationReader, count: Int) throws -> [Bool]? {
    guard let types = try config.optionalArray("layer_types") else { return nil }
    guard types.count == count else {
      throw config.failure(
        "layer_types: expected \(count), one per layer of num_hidden_layers, got \(types.count)")
    }
    return try types.map { type in
      switch type.string {
      case "full_attention": return false
      case "sliding_attention": return true
      case let name?:
        throw ModelError.unsupported(
          path: config.path, what: "layer type \(printable(name))",
          supported: ["full_attention", "sliding_attention"])
      case nil:
        throw config.mismatch("layer_types", expected: "strings", type)
      }
    }
  }
}

/// The defaults of Hugging Face's configuration classes.
extension Llama.Family {
  fileprivate var defaultSizes:
    (vocabulary: Int, hidden: Int, layers: Int, heads: Int, intermediate: Int, positions: Int)
  {
    switch self {
    case .llama: (32_000, 4096, 32, 32, 11_008, 2048)
    case .mistral: (32_000, 4096, 32, 32, 14_336, 131_072)
    case .qwen2, .qwen3: (151_936, 4096, 32, 32, 22_016, 32_768)
    case .gemma2: (256_000, 2304, 26, 8, 9216, 8192)
    }
  }

  fileprivate var defaultKeyValueHeadCount: Int? {
    switch self {
    case .llama: nil
    case .mistral: 8
    case .qwen2, .qwen3: 32
    case .gemma2: 4
    }
  }

  fileprivate var defaultHeadDimension: Int? {
    switch self {
    case .llama, .mistral, .qwen2: nil
    case .qwen3: 128
    case .gemma2: 256
    }
  }
}
