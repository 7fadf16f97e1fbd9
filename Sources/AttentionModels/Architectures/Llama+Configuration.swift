import Attention

extension Llama {
  /// Which of the kin a model is, by the `model_type` of its `config.json`.
  public enum Family: String, Sendable, Hashable, CaseIterable {
    /// Llama 1, 2 and 3, and the many models that share its form.
    case llama
    /// Each token sees the last `sliding_window` tokens only, itself among them.
    case mistral
    /// Biases on queries, keys and values; windows on the later blocks, if any.
    case qwen2
    /// Each head's queries and keys are normalised; windows as in Qwen 2.
    case qwen3
    /// Windows on every other block; caps on scores and logits; embeddings times √width; layers are
    /// normalised before and after, with gains stored less 1.
    case gemma2
  }

  /// What `config.json` says.
  public struct Configuration: Sendable, Hashable {
    /// Which of the kin it is.
    public let family: Family
    /// The number of token ids.
    public let vocabularySize: Int
    /// The features of a token between the blocks.
    public let width: Int
    /// The number of blocks.
    public let layerCount: Int
    /// The heads of a block's queries.
    public let headCount: Int
    /// The heads of its keys and values.
    public let keyValueHeadCount: Int
    /// The features of a head.
    public let headDimension: Int
    /// The features inside a feed-forward layer.
    public let innerWidth: Int
    /// The length that the model was made for; longer texts are computed all the same.
    public let trainedLength: Int
    /// The feed-forward layers' function.
    public let activation: Activation
    /// ε of every normalisation.
    public let epsilon: Float
    /// How queries and keys are turned to their positions.
    public let rotary: RotaryEmbedding
    /// For each block, how many tokens each token sees, itself included; nil for all before it.
    public let windows: [Int?]
    /// The factor on scores; nil means 1 / √(head dimension).
    public let scoreScale: Float?
    /// What keeps scores in bounds; nil for nothing.
    public let scoreCap: Float?
    /// What keeps logits in bounds; nil for nothing.
    public let outputCap: Float?
    /// Whether queries, keys and values have biases.
    public let hasProjectionBias: Bool
    /// Whether attention's output has a bias.
    public let hasOutputBias: Bool
    /// Whether the feed-forward layers have biases.
    public let hasInnerBias: Bool
    /// Whether the output layer is the vocabulary's table.
    public let isTied: Bool

    /// Whether each head's queries and keys are normalised.
    var normalizesHeads: Bool { family == .qwen3 }
    /// Whether layers are normalised after as well as before.
    var hasBranchNorms: Bool { family == .gemma2 }
    /// Whether norms multiply by 1 + their weight.
    var hasGainOffset: Bool { family == .gemma2 }
    /// Whether embeddings are multiplied by √width.
    var scalesEmbeddings: Bool { family == .gemma2 }
  }
}

extension Llama.Configuration {
  /// What a `config.json` of one of the families says, as transformers 5 writes it or releases before.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for a key that is missing or makes no sense.
  package init(_ config: ConfigurationReader) throws {
    let families = Llama.Family.allCases.map(\.rawValue)
    try config.requireArchitecture(families)
    family = Llama.Family(rawValue: try config.string("model_type")) ?? .llama
    for key in ["use_mrope", "use_bidirectional_attention"] { try config.refuse(key) }

    vocabularySize = try config.integer("vocab_size", in: 1...100_000_000)
    width = try config.integer("hidden_size", in: 1...1_000_000)
    layerCount = try config.integer("num_hidden_layers", in: 1...10_000)
    headCount = try config.integer("num_attention_heads", in: 1...100_000)
    innerWidth = try config.integer("intermediate_size", in: 1...10_000_000)
    trainedLength = try config.integer("max_position_embeddings", in: 1...1_000_000_000)
    epsilon = try config.epsilon("rms_norm_eps", default: 1e-6)
    activation =
      family == .gemma2
      ? try config.activation("hidden_activation", default: "gelu_pytorch_tanh")
      : try config.activation("hidden_act", default: "silu")
    isTied = try config.optionalBoolean("tie_word_embeddings") ?? (family == .gemma2)

    keyValueHeadCount =
      try config.integer(
        "num_key_value_heads", in: 1...100_000,
        orNullUnlessAbsent: family.standardKeyValueHeadCount) ?? headCount
    headDimension = try Self.headDimension(config, family, width: width, headCount: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw config.failure(
        "num_attention_heads \(headCount) is not divisible by num_key_value_heads "
          + "\(keyValueHeadCount)")
    }
    rotary = try RotaryEmbedding(
      config, headDimension: headDimension, trainedLength: trainedLength)
    windows = try Self.windows(config, family, layerCount: layerCount)

    let hasAttentionBias = try config.optionalBoolean("attention_bias") ?? false
    if family == .mistral { try config.refuse("attention_bias") }
    hasProjectionBias = family == .qwen2 || hasAttentionBias
    hasOutputBias = family != .qwen2 && hasAttentionBias
    if family != .llama { try config.refuse("mlp_bias") }
    hasInnerBias = try config.optionalBoolean("mlp_bias") ?? false

    guard family == .gemma2 else {
      (scoreScale, scoreCap, outputCap) = (nil, nil, nil)
      return
    }
    let positive = 1e-6...1e9
    scoreScale = try Float(
      1 / (config.optionalNumber("query_pre_attn_scalar", in: positive) ?? 256).squareRoot())
    scoreCap = try config.number(
      "attn_logit_softcapping", in: positive, orNullUnlessAbsent: 50
    ).map { Float($0) }
    outputCap = try config.number(
      "final_logit_softcapping", in: positive, orNullUnlessAbsent: 30
    ).map { Float($0) }
  }

  private static func headDimension(
    _ config: ConfigurationReader, _ family: Llama.Family, width: Int, headCount: Int
  ) throws -> Int {
    let given = try config.integer(
      "head_dim", in: 1...65_536, orNullUnlessAbsent: family.standardHeadDimension)
    guard given != nil || width % headCount == 0 else {
      throw config.failure(
        "hidden_size \(width) is not divisible by num_attention_heads \(headCount)")
    }
    let dimension = given ?? width / headCount
    guard dimension.isMultiple(of: 2) else {
      throw config.failure("a head dimension of \(dimension), which is not even, cannot be rotated")
    }
    return dimension
  }

  /// How many tokens each block sees back; nil for all.
  private static func windows(
    _ config: ConfigurationReader, _ family: Llama.Family, layerCount: Int
  ) throws -> [Int?] {
    var window = try config.integer(
      "sliding_window", in: 1...1_000_000_000, orNullUnlessAbsent: 4096)
    let hasWindow: (Int) -> Bool
    switch family {
    case .llama:
      hasWindow = { _ in false }
    case .mistral:
      let isGiven = window != nil
      hasWindow = { _ in isGiven }
    case .qwen2, .qwen3:
      if try config.optionalBoolean("use_sliding_window") != true { window = nil }
      let isGiven = window != nil
      let first = try config.optionalInteger("max_window_layers", in: 0...1_000_000) ?? 28
      hasWindow = { isGiven && $0 >= first }
    case .gemma2:
      hasWindow = { $0.isMultiple(of: 2) }
    }
    let standard = (0..<layerCount).map(hasWindow)
    let kinds = try layerTypes(config, count: layerCount) ?? standard
    guard kinds == standard || ![.llama, .mistral].contains(family) else {
      throw ModelError.unsupported(
        path: config.path, what: "layer_types of \(family.rawValue) that differ from each other",
        supported: [])
    }
    return try kinds.map { isWindowed in
      guard isWindowed else { return nil }
      guard let window else {
        throw config.failure("layer_types has sliding_attention, and there is no sliding_window")
      }
      return window
    }
  }

  /// For each block, whether `layer_types` gives it a window; nil where there is no such key.
  private static func layerTypes(_ config: ConfigurationReader, count: Int) throws -> [Bool]? {
    guard let types = try config.optionalArray("layer_types") else { return nil }
    guard types.count == count else {
      throw config.failure(
        "layer_types: expected \(count), one a layer of num_hidden_layers, got \(types.count)")
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

/// What Hugging Face's classes assume where a key is absent.
extension Llama.Family {
  fileprivate var standardKeyValueHeadCount: Int? {
    switch self {
    case .llama: nil
    case .mistral: 8
    case .qwen2, .qwen3: 32
    case .gemma2: 4
    }
  }

  fileprivate var standardHeadDimension: Int? {
    switch self {
    case .llama, .mistral, .qwen2: nil
    case .qwen3: 128
    case .gemma2: 256
    }
  }
}
