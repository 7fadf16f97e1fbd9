import AttentionCore

extension ModelDirectory {
  /// The model's `tokenizer_config.json`; nil if the file does not exist.
  package func tokenizerConfiguration() throws -> ConfigurationReader? {
    let name = "tokenizer_config.json"
    return contains(name)
      ? try ConfigurationReader(contentsOfFile: file(name), role: .tokenizer) : nil
  }
}

extension ConfigurationReader {
  /// `model_max_length` of a `tokenizer_config.json`: the longest text in tokens, special tokens included.
  ///
  /// - Returns: nil if the file sets no limit. transformers writes 10³⁰ for no limit.
  /// - Throws: `ModelError.tokenizer` for a value that is not a number of at least 1.
  package func maxLength() throws -> Int? {
    let key = "model_max_length"
    guard let value = value(key) else { return nil }
    guard let number = value.number?.double, number >= 1 else {
      throw mismatch(key, expected: "number of at least 1", value)
    }
    return number < 1e9 ? Int(number) : nil
  }
}
