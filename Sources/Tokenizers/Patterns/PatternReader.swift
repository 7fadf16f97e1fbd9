extension ConfigurationReader {
  /// The pattern under `key`: `{"String": …}` or `{"Regex": …}`.
  ///
  /// - Throws: `ModelError.unsupported` with the pattern and the construct that `PatternAutomaton` does not
  ///   support.
  func pattern(_ key: String) throws(ModelError) -> TextPattern {
    let section = try nested(key)
    guard section.object.count == 1 else {
      throw failure(
        "\(name(of: key)): expected String or Regex, got \(section.object.count) keys")
    }
    let text = try section.optionalString("String")
    let expression = try section.optionalString("Regex")
    switch (text, expression) {
    case (.some, .some), (nil, nil): throw failure("\(name(of: key)): expected String or Regex")
    case (let text?, nil): return try literal(text, key)
    case (nil, let expression?):
      let known = WordPattern.known.first { $0.text.utf8.elementsEqual(expression.utf8) }
      if let known { return .words(known.pattern) }
      do throws(PatternError) {
        return .automaton(try PatternAutomaton(expression))
      } catch {
        throw unsupported(
          "pattern", "\"\(printable(expression))\" in \(name(of: key)): \(error.reason)",
          supported: [])
      }
    }
  }

  private func literal(_ text: String, _ key: String) throws(ModelError) -> TextPattern {
    guard (1...TextPattern.literalLimit).contains(text.utf8.count) else {
      throw unsupported(
        "pattern", "of \(text.utf8.count) bytes in \(name(of: key))",
        supported: ["1 to \(TextPattern.literalLimit) bytes"])
    }
    return .literal(Array(text.utf8))
  }
}
