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
        "\(name(of: key)): expected one character, got \(String(text.prefix(40)).debugDescription)")
    }
    return Array(text.utf8)
  }

  /// The error for a `type` that is not implemented.
  func unsupported(_ kind: String, _ type: String, supported: [String]) -> ModelError {
    .unsupported(path: path, what: "\(kind) \(type)", supported: supported)
  }
}
