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
  /// `generation_config.json`, else in this file; nil if neither file has it.
  ///
  /// - Parameter generation: `generation_config.json`, if the model has one.
  /// - Throws: `ModelError.configuration` for an id outside the vocabulary.
  func startToken(_ generation: ConfigurationReader?, vocabularySize: Int) throws -> Int? {
    for file in [generation, self].compactMap(\.self) {
      for key in ["decoder_start_token_id", "bos_token_id"] {
        guard let value = file.value(key) else { continue }
        // transformers also accepts a list of one id.
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
