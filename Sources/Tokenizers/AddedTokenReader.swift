/// Reads added tokens as JSON objects.
enum AddedTokenReader {
  /// The most bytes of a token: longer ones would make the search for tokens slow.
  private static let lengthLimit = 1024

  /// The tokens in the section `added_tokens` of `tokenizer.json`, without the empty ones. `id` is the
  /// number in the file, which `AddedTokenList` may change.
  ///
  /// - Throws: `ModelError.tokenizer` for an entry without all of its keys, and for `null`.
  static func tokens(_ file: ConfigurationReader) throws(ModelError) -> [AddedToken] {
    guard let value = file.object["added_tokens"] else { return [] }
    guard !value.isNull else { throw file.mismatch("added_tokens", expected: "array", value) }
    var tokens: [AddedToken] = []
    for entry in try file.nestedArray("added_tokens") {
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

  /// A token as an object: its `content`, and how the text is searched for it. Missing flags are
  /// false; without `normalized`, a token is looked for in the normalized text unless it is special.
  ///
  /// - Parameter isSpecial: nil for the object's own `special`.
  /// - Throws: `ModelError.tokenizer` for a content that is not a string, or too long;
  ///   `ModelError.unsupported` for a token that would make the search slow.
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
    // Each match would take all white space up to the next word: quadratic in the text's length.
    if token.stripsRight, let first = token.content.unicodeScalars.first,
      UnicodeData.shared[first.value].properties.contains(.whitespace)
    {
      throw entry.unsupported(
        "added token", "\(token.content.debugDescription): rstrip with white space at its start",
        supported: [])
    }
    return token
  }

  /// - Throws: `ModelError.tokenizer` naming `key` where a token is too long to be looked for.
  static func checkLength(
    _ content: String, _ file: ConfigurationReader, _ key: String
  ) throws(ModelError) {
    guard content.utf8.count <= lengthLimit else {
      throw file.failure("\(file.name(of: key)): longer than \(lengthLimit) bytes")
    }
  }
}
