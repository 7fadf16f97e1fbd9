import Attention

extension BART.Configuration {
  /// The sizes in a `config.json` of one of the families; the defaults of the family's configuration class for
  /// missing keys.
  ///
  /// - Parameter generation: `generation_config.json`, if the model has one.
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader, generation: ConfigurationReader? = nil) throws {
    try config.requireArchitecture(BART.Family.allCases.map(\.rawValue))
    try config.requireEncoderDecoder()
    let family = BART.Family(rawValue: try config.string("model_type")) ?? .bart
    if family == .bart { try config.refuseEarlyVariants() }
    let defaults = family.traits

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
    self.family = family
    self.hiddenSize = hiddenSize
    let vocabularySize = try config.integer(
      "vocab_size", in: 1...100_000_000, default: defaults.vocabularySize)
    encoderVocabularySize = vocabularySize
    sharesVocabulary =
      try family != .marian || config.optionalBoolean("share_encoder_decoder_embeddings") ?? true
    // transformers reads 0 as a missing value.
    let ownSize =
      sharesVocabulary ? nil : try config.optionalInteger("decoder_vocab_size", in: 0...100_000_000)
    self.vocabularySize = ownSize.flatMap { $0 == 0 ? nil : $0 } ?? vocabularySize
    encoder = try stack("encoder")
    decoder = try stack("decoder")
    contextLength = try config.integer(
      "max_position_embeddings", in: 1...10_000_000, default: 1024)
    activation = try config.activation("activation_function", default: defaults.activation)
    scalesEmbedding =
      try config.optionalBoolean("scale_embedding") ?? defaults.scalesEmbedding
    isTied = try config.optionalBoolean("tie_word_embeddings") ?? true
    guard
      let startToken = try config.startToken(
        generation, vocabularySize: self.vocabularySize, default: defaults.startToken,
        defaultBOS: defaults.bosToken)
    else {
      throw ModelError.configuration(
        path: config.path, reason: "missing key decoder_start_token_id")
    }
    self.startToken = startToken
    paddingToken =
      if case .unlimited(let token) = defaults.positions {
        try config.integer("pad_token_id", in: 0...vocabularySize - 1, default: token)
      } else { nil }
  }
}

extension ConfigurationReader {
  /// Refuses variants that early releases of BART had. Published configurations still contain the keys.
  fileprivate func refuseEarlyVariants() throws {
    for key in ["normalize_before", "add_final_layer_norm", "static_position_embeddings"] {
      try refuse(key)
    }
    if try optionalBoolean("normalize_embedding") == false {
      throw ModelError.unsupported(
        path: path, what: "normalize_embedding: false", supported: ["true"])
    }
    _ = try optionalInteger("extra_pos_embeddings", in: 2...2)
  }
}
