/// What the configurations of encoder–decoders have in common.
extension ConfigurationReader {
  /// Refuses half of an encoder–decoder.
  ///
  /// - Throws: `ModelError.unsupported` with the key.
  func requireEncoderDecoder() throws {
    if try optionalBoolean("is_encoder_decoder") == false {
      throw ModelError.unsupported(
        path: path, what: "is_encoder_decoder: false", supported: ["true"])
    }
    try refuse("is_decoder")
  }

  /// The token that a text begins with: `decoder_start_token_id`, else `bos_token_id`, in
  /// `generation_config.json`, else in this file; nil where no file says.
  ///
  /// - Parameter generation: `generation_config.json`, if there is one.
  /// - Throws: `ModelError.configuration` for an id that the vocabulary does not have.
  func startToken(_ generation: ConfigurationReader?, vocabularySize: Int) throws -> Int? {
    for file in [generation, self].compactMap(\.self) {
      for key in ["decoder_start_token_id", "bos_token_id"] {
        guard let value = file.value(key) else { continue }
        // A list of one id, as transformers takes it for one text.
        let id = value.array?.count == 1 ? value.array?.first?.integer : value.integer
        guard let id, (0..<vocabularySize).contains(id) else {
          throw file.mismatch(
            key, expected: "integer in the range 0...\(vocabularySize - 1)", value)
        }
        return id
      }
    }
    return nil
  }
}

extension ModelDirectory {
  /// The model's `generation_config.json`; nil where there is none.
  func generationConfiguration() throws -> ConfigurationReader? {
    let name = "generation_config.json"
    return contains(name) ? try ConfigurationReader(contentsOfFile: file(name)) : nil
  }
}
