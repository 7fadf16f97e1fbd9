import Attention
import AttentionCore

/// GTE: BERT's blocks with gated feed-forward layers, and a rotary embedding instead of positions in the
/// embeddings. The published models name the architecture `new`, transformers names it `gte`.
///
/// - Source: Zhang et al. 2024 (mGTE); tensor names as in the published `NewModel`.
enum GTE {
  private static let separate = AttentionProjectionNames.separate(
    query: "attention.q_proj", key: "attention.k_proj", value: "attention.v_proj")

  private static func names(isJoined: Bool) -> PostNormBlockNames {
    PostNormBlockNames(
      projections: isJoined ? .joined("attention.qkv_proj") : separate,
      attentionOutput: "attention.o_proj", attentionNorm: "attn_ln",
      feedForward: .gateBelowUp("mlp.up_gate_proj", down: "mlp.down_proj"),
      outputNorm: "mlp_ln", upBias: .none)
  }

  static let family = EncoderFamily(
    types: ["new", "gte"], prefixes: ["new", "gte"],
    heads: { _, prefix in
      var names = HeadNames.roberta
      names.sequence = HeadNames.bert(prefix: prefix).sequence
      names.masked.norm = "lm_head.norm"
      return names
    }
  ) { config in
    let isPublished = try config.string("model_type") == "new"
    try config.require("layer_norm_type", oneOf: ["layer_norm"], default: "layer_norm")
    try config.refuse("logn_attention_scale")
    var defaults = EncoderSizes()
    if !isPublished {
      (defaults.vocabularySize, defaults.positionCount) = (250_048, 8192)
      defaults.segmentCount = 1
    }
    let sizes = try EncoderSizes(
      config, defaults: defaults, positionTypes: isPublished ? ["rope"] : [], leastSegments: 0)
    let isJoined = try config.optionalBoolean("pack_qkv") ?? true
    let rotary = try rotary(config, sizes, isPublished: isPublished)
    return { loader in
      try loader.postNormEncoder(
        sizes, input: loader.encoderInput(sizes, hasPositions: false),
        names: names(isJoined: isJoined), options: PostNormBlockOptions(rotary: rotary))
    }
  }

  private static func rotary(
    _ config: ConfigurationReader, _ sizes: EncoderSizes, isPublished: Bool
  ) throws -> RotaryEmbedding? {
    if isPublished, let scaling = try config.optionalNested("rope_scaling"),
      try scaling.optionalString("type") == "ntk"
    {
      let factor = try scaling.number("factor", in: 1e-9...1e9)
      return try config.rotaryEmbedding {
        try RotaryEmbedding(
          headDimension: sizes.headDimension,
          base: config.optionalNumber("rope_theta", in: 1.nextUp...1e30) ?? 10_000,
          scaling: factor > 1 ? .fixedNTK(factor: factor) : .none)
      }
    }
    return try RotaryEmbedding.read(
      config, RotaryKeys(defaultBase: isPublished ? 10_000 : 160_000),
      headDimension: sizes.headDimension, contextLength: sizes.positionCount)
  }
}
