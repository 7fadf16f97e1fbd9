import Attention

extension T5.Configuration {
  /// The sizes in a `config.json` of type `t5`, `mt5` or `umt5`; the defaults of `T5Config`, `MT5Config` or
  /// `UMT5Config` for missing keys.
  ///
  /// - Parameter generation: `generation_config.json`, if the model has one.
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader, generation: ConfigurationReader? = nil) throws {
    try config.requireArchitecture(["t5", "mt5", "umt5"])
    try config.requireEncoderDecoder()
    let type = try config.string("model_type")
    let isMultilingual = type != "t5"
    sharesPositionBias = type != "umt5"

    vocabularySize = try config.integer(
      "vocab_size", in: 1...100_000_000, default: isMultilingual ? 250_112 : 32_128)
    hiddenSize = try config.integer("d_model", in: 1...1_000_000, default: 512)
    headDimension = try config.integer("d_kv", in: 1...1_000_000, default: 64)
    headCount = try config.integer(
      "num_heads", in: 1...1_000_000, default: isMultilingual ? 6 : 8)
    intermediateSize = try config.integer(
      "d_ff", in: 1...10_000_000, default: isMultilingual ? 1024 : 2048)
    encoderLayerCount = try config.integer(
      "num_layers", in: 1...10_000, default: isMultilingual ? 8 : 6)
    decoderLayerCount =
      try config.optionalInteger("num_decoder_layers", in: 1...10_000) ?? encoderLayerCount
    epsilon = try config.epsilon("layer_norm_epsilon", default: 1e-6)

    // At least two buckets per direction; in the decoder, half of the buckets are for single distances.
    bucketCount =
      try config.optionalInteger("relative_attention_num_buckets", in: 4...1_000_000) ?? 32
    maximumDistance =
      try config.optionalInteger("relative_attention_max_distance", in: 1...1_000_000_000) ?? 128
    guard maximumDistance > bucketCount / 2 else {
      throw ModelError.configuration(
        path: config.path,
        reason: "relative_attention_max_distance \(maximumDistance) is not more than half of "
          + "relative_attention_num_buckets \(bucketCount)")
    }

    (activation, isGated) = try Self.feedForward(
      config, default: isMultilingual ? "gated-gelu" : "relu")
    // Version 1.1 is recognized by its untied output. transformers 5 writes a key for the scale, and says
    // that every output is tied. mT5 has no version 1.0.
    scalesOutput =
      try config.optionalBoolean("scale_decoder_outputs")
      ?? (type != "mt5" && config.optionalBoolean("tie_word_embeddings") != false)
    startToken =
      try config.startToken(
        generation, vocabularySize: vocabularySize, default: type == "umt5" ? 0 : nil)
      ?? config.optionalInteger("pad_token_id", in: 0...vocabularySize - 1) ?? 0
  }

  /// The activation function of the feed-forward layers, and whether they have a gate: `feed_forward_proj`.
  /// The keys derived from it, `dense_act_fn` and `is_gated_act`, take precedence.
  private static func feedForward(
    _ config: ConfigurationReader, default: String
  ) throws -> (Activation, isGated: Bool) {
    let projection = try config.optionalString("feed_forward_proj") ?? `default`
    let parts = projection.split(separator: "-", omittingEmptySubsequences: false)
    let isGated = parts.first == "gated"
    guard parts.count == (isGated ? 2 : 1), var name = parts.last.map(String.init) else {
      throw ModelError.unsupported(
        path: config.path, what: "feed_forward_proj \(printable(projection))",
        supported: ["an activation function", "gated- and an activation function"])
    }
    // In published models, this name means the tanh approximation.
    if projection == "gated-gelu" { name = "gelu_new" }
    guard Activation(huggingFaceName: name) != nil else {
      throw ModelError.unsupported(
        path: config.path, what: "feed_forward_proj \(printable(projection))",
        supported: Activation.huggingFaceNames.keys.sorted().flatMap { [$0, "gated-\($0)"] })
    }
    return (
      try config.activation("dense_act_fn", default: name),
      try config.optionalBoolean("is_gated_act") ?? isGated
    )
  }
}
