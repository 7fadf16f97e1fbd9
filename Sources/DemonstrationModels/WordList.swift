/// The words that a model was trained on.
struct WordList {
  private let words: Set<String>
  /// The parts of the words before and after an apostrophe: l and école for l'école.
  private let heads: Set<Substring>
  private let tails: Set<Substring>

  /// - Parameter words: words in lower case, with `'` as the apostrophe.
  init(_ words: [String]) {
    self.words = Set(words)
    let parts = words.compactMap(Self.parts)
    heads = Set(parts.map(\.head))
    tails = Set(parts.map(\.tail))
  }

  /// Whether the list has the word, in any letter case, or both parts of a word with an apostrophe: the
  /// first part in another word with an apostrophe, the second part as a word or in another word with an
  /// apostrophe.
  func contains(_ word: String) -> Bool {
    let word = word.lowercased()
    if words.contains(word) { return true }
    guard let parts = Self.parts(word), heads.contains(parts.head) else { return false }
    return words.contains(String(parts.tail)) || tails.contains(parts.tail)
  }

  private static func parts(_ word: String) -> (head: Substring, tail: Substring)? {
    guard let apostrophe = word.firstIndex(of: "'") else { return nil }
    return (word[..<apostrophe], word[word.index(after: apostrophe)...])
  }

  /// The words of a text: runs of letters, digits and combining marks, with single apostrophes inside, which
  /// all become `'`.
  static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    func end() {
      if word.last == "'" { word.removeLast() }
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    for character in text {
      // Checked first, because Unicode classifies ʼ as a letter.
      if "'’‘ʼ".contains(character) {
        if word.isEmpty || word.last == "'" { end() } else { word.append("'") }
      } else if character.isLetter || character.isNumber {
        word.append(character)
      } else {
        end()
      }
    }
    end()
    return words
  }
}
