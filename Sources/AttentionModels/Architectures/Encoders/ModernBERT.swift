import Attention
import AttentionCore

/// ModernBERT: pre-norm blocks with gated feed-forward layers and a rotary embedding. In two of three blocks, a
/// token attends only to its neighbors, with another base of the rotary embedding.
///
/// - Source: Warner et al. 2024; tensor names as in Hugging Face's `ModernBertModel`.
enum ModernBERT {
  private static let keys = EncoderSizes.Keys(
    activation: "hidden_activation", segmentCount: nil, epsilon: "norm_eps")

  static let family = EncoderFamily(
    types: ["modernbert"], prefixes: ["model"], words: "embeddings.tok_embeddings", heads: heads
  ) { config in
    var defaults = EncoderSizes()
    (defaults.vocabularySize, defaults.intermediateSize) = (50_368, 1152)
    (defaults.layerCount, defaults.positionCount, defaults.epsilon) = (22, 8192, 1e-5)
    let sizes = try EncoderSizes(config, defaults: defaults, keys: keys, positionTypes: [])
    let layers = try layers(config, sizes)
    let attentionBias = try bias(config, "attention_bias")
    let feedForwardBias = try bias(config, "mlp_bias")
    let normBias = try bias(config, "norm_bias")
    return { loader in
      func norm(_ loader: WeightLoader, _ name: String) throws -> LayerNorm {
        try loader.layerNorm(
          name, featureCount: sizes.hiddenSize, epsilon: sizes.epsilon, bias: normBias)
      }
      let embeddings = loader.nested("embeddings")
      let input = EncoderInput(
        words: try embeddings.wordTable(
          "tok_embeddings", count: sizes.vocabularySize, hiddenSize: sizes.hiddenSize),
        norm: try norm(embeddings, "norm"))
      let blocks = try layers.enumerated().map { index, layer in
        let block = loader.nested("layers.\(index)")
        return try TransformerBlock(
          attention: block.selfAttention(
            .joined("attn.Wqkv"), output: "attn.Wo", sizes, bias: attentionBias,
            rotary: layer.rotary),
          // The embeddings are normalized already.
          attentionNorms: .init(pre: index == 0 ? nil : .layer(norm(block, "attn_norm"))),
          options: AttentionOptions(mask: layer.mask),
          feedForward: block.feedForward(
            .gateAboveUp("mlp.Wi", down: "mlp.Wo"), hiddenSize: sizes.hiddenSize,
            intermediateSize: sizes.intermediateSize, activation: sizes.activation,
            upBias: feedForwardBias, downBias: feedForwardBias),
          feedForwardNorms: .init(pre: .layer(norm(block, "mlp_norm"))))
      }
      return TransformerEncoder(
        sizes: sizes, input: input,
        transformer: try Transformer(
          blocks: blocks, outputNorm: .layer(norm(loader, "final_norm"))))
    }
  }

  private static func bias(
    _ config: ConfigurationReader, _ key: String, default: Bool = false
  ) throws -> WeightLoader.Bias {
    try config.optionalBoolean(key) ?? `default` ? .required : .none
  }

  /// All heads have a dense layer and a norm.
  private static func heads(
    _ config: ConfigurationReader, _ prefix: String
  ) throws -> HeadNames {
    let layers = HeadLayerNames(
      dense: "head.dense", denseBias: try bias(config, "classifier_bias"),
      activation: try config.activation("classifier_activation", default: "gelu"),
      norm: "head.norm", normBias: try bias(config, "norm_bias"), output: "classifier")
    var names = HeadNames(sequence: layers)
    try config.require("classifier_pooling", oneOf: ["cls", "mean"], default: "cls")
    if try config.optionalString("classifier_pooling") == "mean" { names.pooling = .mean }
    (names.token, names.answer, names.masked) = (layers, layers, layers)
    names.masked.output = "decoder"
    names.maskedBias =
      try bias(config, "decoder_bias", default: true) == .required ? "decoder.bias" : nil
    return names
  }
}

extension ModernBERT {
  /// What differs between the blocks.
  private struct Layer {
    let rotary: RotaryEmbedding?
    let mask: AttentionMask
  }

  private static func layers(
    _ config: ConfigurationReader, _ sizes: EncoderSizes
  ) throws -> [Layer] {
    let width = try config.integer("local_attention", in: 0...1_000_000_000, default: 128)
    let global = Layer(
      rotary: try rotary(
        config, sizes, "full_attention",
        RotaryKeys(base: "global_rope_theta", defaultBase: 160_000)),
      mask: .none)
    let local = Layer(
      rotary: try rotary(
        config, sizes, "sliding_attention", RotaryKeys(base: "local_rope_theta")),
      mask: .window(left: width / 2, right: width / 2))
    if let windowed = try config.windowedLayers(count: sizes.layerCount) {
      return windowed.map { $0 ? local : global }
    }
    let period = try config.integer("global_attn_every_n_layers", in: 1...10_000, default: 3)
    return (0..<sizes.layerCount).map { $0 % period == 0 ? global : local }
  }

  /// The rotary embedding of a layer type: from `rope_parameters`, as transformers 5 writes it, or from the old
  /// keys: one for the base of each type, and `rope_scaling` for both.
  private static func rotary(
    _ config: ConfigurationReader, _ sizes: EncoderSizes, _ type: String, _ keys: RotaryKeys
  ) throws -> RotaryEmbedding? {
    try RotaryEmbedding.read(
      config, keys,
      parameters: config.optionalNested("rope_parameters")?.optionalNested(type)
        ?? config.optionalNested("rope_scaling"),
      headDimension: sizes.headDimension, contextLength: sizes.positionCount)
  }
}
