import Attention

extension T5.Configuration {
  /// The sizes in a `config.json` of type `t5` or `mt5`; those of `T5Config` or `MT5Config` where a key is
  /// missing.
  ///
  /// - Parameter generation: `generation_config.json`, if there is one.
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for a key that makes no sense.
  package init(_ config: ConfigurationReader, generation: ConfigurationReader? = nil) throws {
    try config.requireArchitecture(["t5", "mt5"])
    try config.requireEncoderDecoder()
    let isMultilingual = try config.string("model_type") == "mt5"

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

    // Both directions need two buckets each; the decoder's alone has distances of its own in half of them.
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
    // Version 1.1 was known by its untied output. Releases from 5 on say what follows from that, and
    // call every output tied. Of mT5 there is no version 1.0.
    scalesOutput =
      try config.optionalBoolean("scale_decoder_outputs")
      ?? (!isMultilingual && config.optionalBoolean("tie_word_embeddings") != false)
    startToken =
      try config.startToken(generation, vocabularySize: vocabularySize)
      ?? config.optionalInteger("pad_token_id", in: 0...vocabularySize - 1) ?? 0
  }

  /// The feed-forward layers' function, and whether it is a gate: `feed_forward_proj`, and the keys that
  /// are derived from it, which count for more where they are written down.
  private static func feedForward(
    _ config: ConfigurationReader, default fallback: String
  ) throws -> (Activation, isGated: Bool) {
    let projection = try config.optionalString("feed_forward_proj") ?? fallback
    let parts = projection.split(separator: "-", omittingEmptySubsequences: false)
    let isGated = parts.first == "gated"
    guard parts.count == (isGated ? 2 : 1), var name = parts.last.map(String.init) else {
      throw ModelError.unsupported(
        path: config.path, what: "feed_forward_proj \(printable(projection))",
        supported: ["the name of a function", "gated- and the name of a function"])
    }
    // What the published models call so is the approximation.
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
