import AttentionCore

/// Values in the sections of `tokenizer.json`.
extension ConfigurationReader {
  /// UTF-8 of a string that is inserted into texts; at most 64 bytes, so that a malicious file cannot
  /// inflate texts.
  func shortText(_ key: String) throws(ModelError) -> [UInt8] {
    let text = try string(key)
    guard text.utf8.count <= 64 else {
      throw failure("\(name(of: key)): \(text.utf8.count) bytes, the limit is 64")
    }
    return Array(text.utf8)
  }

  /// UTF-8 of a string of exactly one Unicode scalar.
  func scalar(_ key: String) throws(ModelError) -> [UInt8] {
    let text = try string(key)
    guard text.unicodeScalars.count == 1 else {
      throw failure(
        "\(name(of: key)): expected one character, got \(quoted(text, limit: 40))")
    }
    return Array(text.utf8)
  }

  /// Checks the number of steps in a section, so that the cost of a text is limited: each step of a tokenizer
  /// reads the whole text, and a pattern may be large. Published sections have fewer than ten.
  func requireFewSteps(after count: Int) throws(ModelError) {
    let limit = 64
    guard count <= limit else {
      throw failure("\(name(of: "type")): more than \(limit) steps in a section")
    }
  }

  /// Throws if the value of a key is `null`. The tokenizers library accepts some keys missing but not `null`.
  func refuseNull(_ key: String, expected: String) throws(ModelError) {
    if let value = object[key], value.isNull { throw mismatch(key, expected: expected, value) }
  }

  /// The error for a `type` that is not implemented.
  func unsupported(_ kind: String, _ type: String, supported: [String]) -> ModelError {
    .unsupported(path: path, what: "\(kind) \(printable(type, limit: 400))", supported: supported)
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
