import AttentionModels

/// An occurrence of the word `--token` in a text.
struct WordOccurrence {
  /// The tokens of the word.
  let word: Range<Int>
  /// The number of this occurrence, from 1 to `count`.
  let number: Int
  let count: Int

  /// All occurrences of a word, or only occurrence `number`.
  ///
  /// - Throws: `CLIError.Usage` with the words of the text, or with the occurrences of the word.
  static func all(
    of token: String, number: Int?, in explanation: AttentionExplanation
  ) throws -> [WordOccurrence] {
    let words = explanation.occurrences(of: token)
    let shown = printable(token)
    guard !words.isEmpty else {
      let spelled = explanation.words.filter { !explanation.encoding.isSpecial[$0.lowerBound] }
        .map { explanation.spelling(of: $0) }
      throw CLIError.Usage(
        "--token: '\(shown)' is not a word of the text"
          + (spelled.isEmpty ? ", which has no words" : ": \(list(spelled, by: " "))"))
    }
    let all = words.enumerated().map {
      WordOccurrence(word: $1, number: $0 + 1, count: words.count)
    }
    guard let number else { return all }
    guard number <= all.count else {
      let places = all.map { "\($0.number) in \"\($0.context(in: explanation))\"" }
      throw CLIError.Usage(
        "--occurrence: '\(shown)' has no occurrence \(number), only \(list(places, by: ", "))")
    }
    return [all[number - 1]]
  }

  private static func list(_ items: [String], by separator: String) -> String {
    items.prefix(20).joined(separator: separator) + (items.count > 20 ? " …" : "")
  }

  /// The word in brackets, with up to two words on each side.
  private func context(in explanation: AttentionExplanation) -> String {
    let words = explanation.words
    let place = words.firstIndex(of: word) ?? 0
    let around = max(0, place - 2)..<min(words.count, place + 3)
    return around.filter { $0 == place || !explanation.encoding.isSpecial[words[$0].lowerBound] }
      .map {
        let spelling = printable(explanation.spelling(of: words[$0]), limit: 20)
        return $0 == place ? "[\(spelling)]" : spelling
      }.joined(separator: " ")
  }
}
