import Attention

extension BART.Configuration {
  /// The sizes in a `config.json` of type `bart`; the defaults of `BartConfig` for missing keys.
  ///
  /// - Parameter generation: `generation_config.json`, if the model has one.
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader, generation: ConfigurationReader? = nil) throws {
    try config.requireArchitecture(["bart"])
    try config.requireEncoderDecoder()
    // These keys enabled variants in early releases. Published configurations still contain the
    // keys.
    for key in ["normalize_before", "add_final_layer_norm", "static_position_embeddings"] {
      try config.refuse(key)
    }
    if try config.optionalBoolean("normalize_embedding") == false {
      throw ModelError.unsupported(
        path: config.path, what: "normalize_embedding: false", supported: ["true"])
    }
    _ = try config.optionalInteger("extra_pos_embeddings", in: 2...2)

    let hiddenSize = try config.integer("d_model", in: 1...1_000_000, default: 1024)
    func stack(_ name: String) throws -> Stack {
      let headCount = try config.integer(
        "\(name)_attention_heads", in: 1...1_000_000, default: 16)
      guard hiddenSize % headCount == 0 else {
        throw ModelError.configuration(
          path: config.path,
          reason: "d_model \(hiddenSize) is not divisible by \(name)_attention_heads \(headCount)")
      }
      return Stack(
        layerCount: try config.integer("\(name)_layers", in: 1...10_000, default: 12),
        headCount: headCount,
        intermediateSize: try config.integer("\(name)_ffn_dim", in: 1...10_000_000, default: 4096))
    }
    self.hiddenSize = hiddenSize
    vocabularySize = try config.integer("vocab_size", in: 1...100_000_000, default: 50_265)
    encoder = try stack("encoder")
    decoder = try stack("decoder")
    contextLength = try config.integer(
      "max_position_embeddings", in: 1...10_000_000, default: 1024)
    activation = try config.activation("activation_function", default: "gelu")
    scalesEmbedding = try config.optionalBoolean("scale_embedding") ?? false
    isTied = try config.optionalBoolean("tie_word_embeddings") ?? true
    startToken =
      try config.startToken(generation, vocabularySize: vocabularySize)
      ?? min(2, vocabularySize - 1)
  }
}
