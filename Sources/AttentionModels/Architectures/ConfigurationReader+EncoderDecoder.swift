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

  /// The token that a text begins with, `decoder_start_token_id`; nil where no file says.
  ///
  /// - Parameter generation: `generation_config.json`, which counts for more.
  /// - Throws: `ModelError.configuration` for an id that the vocabulary does not have.
  func startToken(_ generation: ConfigurationReader?, vocabularySize: Int) throws -> Int? {
    let (key, ids) = ("decoder_start_token_id", 0...vocabularySize - 1)
    return try generation?.optionalInteger(key, in: ids) ?? optionalInteger(key, in: ids)
  }
}

extension ModelDirectory {
  /// The model's `generation_config.json`; nil where there is none.
  func generationConfiguration() throws -> ConfigurationReader? {
    let name = "generation_config.json"
    return contains(name) ? try ConfigurationReader(contentsOfFile: file(name)) : nil
  }
}
