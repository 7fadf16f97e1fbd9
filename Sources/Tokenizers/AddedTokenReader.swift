/// Reads added tokens as JSON objects.
enum AddedTokenReader {
  /// Maximum length of a token in bytes; longer tokens would make the search for added tokens slow.
  private static let lengthLimit = 1024

  /// Reads the section `added_tokens` of `tokenizer.json`, without empty tokens. `id` is the id in the
  /// file; `AddedTokenList` may assign another.
  ///
  /// - Throws: `ModelError.tokenizer` if the section is `null` or an entry lacks a key.
  static func tokens(_ file: ConfigurationReader) throws(ModelError) -> [AddedToken] {
    guard let value = file.object["added_tokens"] else { return [] }
    guard !value.isNull else { throw file.mismatch("added_tokens", expected: "array", value) }
    var tokens: [AddedToken] = []
    try file.forEachNested("added_tokens") { entry throws(ModelError) in
      let id = try entry.integer("id", in: 0...ModelVocabulary.idLimit - 1)
      for key in ["single_word", "lstrip", "rstrip", "normalized", "special"] {
        _ = try entry.boolean(key)
      }
      var token = try token(entry)
      token.id = Int32(id)
      if !token.content.isEmpty { tokens.append(token) }
    }
    return tokens
  }

  /// Reads a token from an object with `content` and the matching flags. Missing flags are false, except
  /// that a missing `normalized` is true for tokens that are not special.
  ///
  /// - Parameter isSpecial: overrides the key `special`; nil uses the key.
  /// - Throws: `ModelError.tokenizer` if `content` is not a string or too long;
  ///   `ModelError.unsupported` for a token with `rstrip` that starts with white space.
  static func token(
    _ entry: ConfigurationReader, isSpecial: Bool? = nil
  ) throws(ModelError) -> AddedToken {
    let own = try entry.optionalBoolean("special")
    let special = isSpecial ?? own ?? false
    let token = AddedToken(
      content: try entry.string("content"), id: 0,
      isSingleWord: try entry.optionalBoolean("single_word") ?? false,
      stripsLeft: try entry.optionalBoolean("lstrip") ?? false,
      stripsRight: try entry.optionalBoolean("rstrip") ?? false,
      isNormalized: try entry.optionalBoolean("normalized") ?? !special, isSpecial: special)
    try checkLength(token.content, entry, "content")
    // Each match would scan all white space up to the next word: quadratic in the text's length.
    if token.stripsRight, let first = token.content.unicodeScalars.first,
      UnicodeData.shared[first.value].properties.contains(.whitespace)
    {
      throw entry.unsupported(
        "added token", "\(quoted(token.content)): has rstrip and starts with white space",
        supported: [])
    }
    return token
  }

  /// - Throws: `ModelError.tokenizer` with `key` if a token is longer than `lengthLimit`.
  static func checkLength(
    _ content: String, _ file: ConfigurationReader, _ key: String
  ) throws(ModelError) {
    guard content.utf8.count <= lengthLimit else {
      throw file.failure(
        "\(file.name(of: key)): \(content.utf8.count) bytes, the limit is \(lengthLimit)")
    }
  }
}
