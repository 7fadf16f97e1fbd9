import AttentionCore

extension ModelDirectory {
  /// The model's `tokenizer_config.json`; nil if the file does not exist.
  package func tokenizerConfiguration() throws -> ConfigurationReader? {
    try tokenizerFile("tokenizer_config.json")
  }

  /// A JSON file of the tokenizer; nil if the file does not exist.
  func tokenizerFile(_ name: String) throws -> ConfigurationReader? {
    guard contains(name) else { return nil }
    return try ConfigurationReader(
      contentsOfFile: file(name), kind: .tokenizerConfiguration, role: .tokenizer)
  }
}
