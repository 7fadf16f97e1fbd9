import AttentionModels

/// An occurrence of the word `--token` in a text.
struct WordOccurrence {
  /// The tokens of the word.
  let word: Range<Int>
  /// The number of this occurrence, from 1 to `count`.
  let number: Int
  let count: Int

  /// All occurrences of a word, or only occurrence `number`. If the text has no such word, `the:2` is the second
  /// "the", and a number is the word of that token.
  ///
  /// - Throws: `CLIError.Usage` with the words of the text, or with the occurrences of the word.
  static func all(
    of token: String, number: Int?, in text: TokenizedText
  ) throws -> [WordOccurrence] {
    let words = text.occurrences(of: token)
    let shown = printable(token)
    guard !words.isEmpty else {
      if number == nil, let place = try place(named: token, in: text) { return [place] }
      let spelled = text.words.filter { !text.isSpecial[$0.lowerBound] }
        .map { text.spelling(of: $0) }
      throw CLIError.Usage(
        "--token: '\(shown)' is not a word of the text"
          + (spelled.isEmpty ? ", which has no words" : ": \(list(spelled, by: " "))"))
    }
    let all = words.enumerated().map {
      WordOccurrence(word: $1, number: $0 + 1, count: words.count)
    }
    guard let number else { return all }
    guard number <= all.count else {
      let places = all.map { "\($0.number) in \"\($0.context(in: text))\"" }
      throw CLIError.Usage(
        "--occurrence: '\(shown)' has no occurrence \(number), only \(list(places, by: ", "))")
    }
    return [all[number - 1]]
  }

  /// The occurrence that `the:2` names, or the word of the token number `5`.
  private static func place(
    named token: String, in text: TokenizedText
  ) throws -> WordOccurrence? {
    let parts = token.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 1, let number = Int(parts[parts.count - 1]), number >= 1 {
      let word = parts.dropLast().joined(separator: ":")
      guard !text.occurrences(of: word).isEmpty else { return nil }
      return try all(of: word, number: number, in: text)[0]
    }
    guard let index = Int(token), let word = text.words.first(where: { $0.contains(index) })
    else { return nil }
    let equal = text.occurrences(of: text.spelling(of: word))
    return WordOccurrence(
      word: word, number: (equal.firstIndex(of: word) ?? 0) + 1, count: max(equal.count, 1))
  }

  private static func list(_ items: [String], by separator: String) -> String {
    items.prefix(20).joined(separator: separator) + (items.count > 20 ? " …" : "")
  }

  /// The word in brackets, with up to two words on each side.
  private func context(in text: TokenizedText) -> String {
    let words = text.words
    let place = words.firstIndex(of: word) ?? 0
    let around = max(0, place - 2)..<min(words.count, place + 3)
    return around.filter { $0 == place || !text.isSpecial[words[$0].lowerBound] }
      .map {
        let spelling = printable(text.spelling(of: words[$0]), limit: 20)
        return $0 == place ? "[\(spelling)]" : spelling
      }.joined(separator: " ")
  }
}
