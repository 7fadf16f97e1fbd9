/// Checks and values that the `config.json` files of encoder–decoders share.
extension ConfigurationReader {
  /// Checks that the model has both an encoder and a decoder.
  ///
  /// - Throws: `ModelError.unsupported` with the key.
  func requireEncoderDecoder() throws {
    if try optionalBoolean("is_encoder_decoder") == false {
      throw ModelError.unsupported(
        path: path, what: "is_encoder_decoder: false", supported: ["true"])
    }
    try refuse("is_decoder")
  }

  /// The first token of a text: `decoder_start_token_id`, else `bos_token_id`, in
  /// `generation_config.json`, else in this file; nil if no file has a value.
  ///
  /// - Parameters:
  ///   - generation: `generation_config.json`, if the model has one.
  ///   - token: the configuration class's `decoder_start_token_id`, for a file without the key; nil for none.
  ///   - defaultBOS: the class's `bos_token_id`, for files without the key; nil for none.
  /// - Throws: `ModelError.configuration` for an id outside the vocabulary.
  func startToken(
    _ generation: ConfigurationReader?, vocabularySize: Int, default token: Int? = nil,
    defaultBOS: Int? = nil
  ) throws -> Int? {
    let names = ["decoder_start_token_id", "bos_token_id"]
    if let generation {
      for key in names {
        if let id = try generation.startToken(key, vocabularySize: vocabularySize) { return id }
      }
    }
    for (key, standard) in zip(names, [token, defaultBOS]) {
      if let id = try startToken(key, vocabularySize: vocabularySize) { return id }
      // A key that is null has no value, not the default.
      guard object[key] == nil, let standard else { continue }
      guard standard < vocabularySize else {
        throw ModelError.configuration(
          path: path,
          reason: "\(key) is missing, and its default \(standard) is out of range for a "
            + "vocabulary of \(vocabularySize)")
      }
      return standard
    }
    return nil
  }

  private func startToken(_ key: String, vocabularySize: Int) throws -> Int? {
    guard let value = value(key) else { return nil }
    // transformers also accepts a list of one id.
    let id = value.array?.count == 1 ? value.array?.first?.integer : value.integer
    guard let id, (0..<vocabularySize).contains(id) else {
      throw mismatch(key, expected: "integer in the range 0...\(vocabularySize - 1)", value)
    }
    return id
  }
}
