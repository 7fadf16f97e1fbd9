extension ModelDirectory {
  /// The model's `config.json`.
  ///
  /// - Throws: `ModelError.notFound` if there is no `config.json`: the folder is not a model.
  package func configuration() throws -> ConfigurationReader {
    guard contains("config.json") else {
      throw ModelError.notFound(
        model: path, reason: "not a model directory: no such file: config.json\(formatHint())")
    }
    return try ConfigurationReader(contentsOfFile: file("config.json"))
  }

  /// The model's `generation_config.json`; nil if there is none.
  package func generationConfiguration() throws -> ConfigurationReader? {
    let name = "generation_config.json"
    return contains(name)
      ? try ConfigurationReader(contentsOfFile: file(name), kind: .generationConfiguration) : nil
  }
}
