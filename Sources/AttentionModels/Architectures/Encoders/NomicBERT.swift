import Attention
import AttentionCore

/// Nomic BERT: BERT's blocks with gated feed-forward layers, mostly without biases, and a rotary embedding instead
/// of positions in the embeddings.
///
/// `config.json` has the keys of GPT-2 in the published models, BERT's keys if transformers wrote it.
///
/// - Source: Nussbaum et al. 2024 (Nomic Embed); tensor names as in the published `NomicBertModel`.
enum NomicBERT {
  private static let publishedKeys = EncoderSizes.Keys(
    hiddenSize: "n_embd", layerCount: "n_layer", headCount: "n_head", intermediateSize: "n_inner",
    activation: nil, positionCount: "n_positions", epsilon: "layer_norm_epsilon")

  /// The activation of the gate, by `activation_function` of the published models.
  private static let gates: [String: Activation] = ["geglu": .gelu, "swiglu": .silu]

  static let family = EncoderFamily(
    types: ["nomic_bert"], prefixes: ["bert", "nomic_bert"], heads: heads
  ) { config in
    isPublished(config) ? try publishedReader(config) : try reader(config)
  }

  private static func isPublished(_ config: ConfigurationReader) -> Bool {
    config.value("n_embd") != nil
  }

  private static func heads(
    _ config: ConfigurationReader, _ prefix: String
  ) throws -> HeadNames {
    var names = HeadNames.bert(prefix: prefix)
    names.masked.norm = "cls.predictions.transform.layer_norm"
    if isPublished(config), try config.optionalBoolean("mlp_fc1_bias") == false {
      names.masked.denseBias = .none
      names.maskedBias = nil
    }
    return names
  }

  /// Reads the configuration of transformers' class.
  private static func reader(_ config: ConfigurationReader) throws -> EncoderFamily.Reader {
    var defaults = EncoderSizes()
    (defaults.vocabularySize, defaults.positionCount) = (30_528, 2048)
    let sizes = try EncoderSizes(
      config, defaults: defaults, defaultActivation: "silu", positionTypes: [])
    let rotary = try RotaryEmbedding.read(
      config, RotaryKeys(defaultBase: 1000), headDimension: sizes.headDimension,
      contextLength: sizes.positionCount)
    return reader(sizes, names(attentionBias: .none, upBias: .none, downBias: .none), rotary)
  }

  /// Reads the configuration of the published models.
  private static func publishedReader(
    _ config: ConfigurationReader
  ) throws -> EncoderFamily.Reader {
    for key in ["prenorm", "use_rms_norm", "causal", "parallel_block"] {
      try config.refuse(key)
    }
    if let every = try config.optionalInteger("moe_every_n_layers", in: 0...10_000), every > 0 {
      throw ModelError.unsupported(
        path: config.path, what: "mixture of experts, moe_every_n_layers \(every)", supported: ["0"]
      )
    }
    let type = try config.optionalString("activation_function") ?? "swiglu"
    guard let activation = gates[type] else {
      throw ModelError.unsupported(
        path: config.path, what: "activation_function \(printable(type))",
        supported: gates.keys.sorted())
    }
    var sizes = try EncoderSizes(config, keys: publishedKeys, positionTypes: [])
    sizes.activation = activation
    let multiple = try config.integer("pad_vocab_size_multiple", in: 1...1_000_000, default: 1)
    sizes.vocabularySize = (sizes.vocabularySize + multiple - 1) / multiple * multiple
    func bias(_ key: String) throws -> WeightLoader.Bias {
      try config.optionalBoolean(key) ?? true ? .required : .none
    }
    let names = try names(
      attentionBias: bias("qkv_proj_bias"), upBias: bias("mlp_fc1_bias"),
      downBias: bias("mlp_fc2_bias"))
    return reader(sizes, names, try publishedRotary(config, sizes))
  }

  private static func publishedRotary(
    _ config: ConfigurationReader, _ sizes: EncoderSizes
  ) throws -> RotaryEmbedding {
    let share = try config.number("rotary_emb_fraction", in: 0...1)
    let trained = try config.integer("max_trained_positions", in: 1...100_000_000, default: 2048)
    let factor = try config.optionalNumber("rotary_scaling_factor", in: 1e-9...1e9)
    return try config.rotaryEmbedding {
      try RotaryEmbedding(
        headDimension: sizes.headDimension,
        rotaryDimension: Int(share * Double(sizes.headDimension)),
        base: config.optionalNumber("rotary_emb_base", in: 1.nextUp...1e30) ?? 10_000,
        layout: config.optionalBoolean("rotary_emb_interleaved") ?? false
          ? .interleaved : .halfSplit,
        scaling: factor.map { .dynamicNTK(factor: $0, originalLength: trained) } ?? .none)
    }
  }

  private static func names(
    attentionBias: WeightLoader.Bias, upBias: WeightLoader.Bias, downBias: WeightLoader.Bias
  ) -> PostNormBlockNames {
    PostNormBlockNames(
      projections: .joined("attn.Wqkv"), attentionOutput: "attn.out_proj", attentionNorm: "norm1",
      feedForward: .separate(up: "mlp.fc11", gate: "mlp.fc12", down: "mlp.fc2"),
      outputNorm: "norm2", attentionBias: attentionBias, upBias: upBias, downBias: downBias)
  }

  private static func reader(
    _ sizes: EncoderSizes, _ names: PostNormBlockNames, _ rotary: RotaryEmbedding?
  ) -> EncoderFamily.Reader {
    { loader in
      try loader.postNormEncoder(
        sizes, input: loader.encoderInput(sizes, hasPositions: false, norm: "emb_ln"),
        blocks: "encoder.layers", names: names, options: PostNormBlockOptions(rotary: rotary))
    }
  }
}
