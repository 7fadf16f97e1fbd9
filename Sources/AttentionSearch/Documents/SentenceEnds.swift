/// The positions at which a text can be cut: where sentences and words start.
///
/// A sentence ends after ".", "!", "?" or "…" and closing quotation marks, if white space follows, after a Chinese or
/// Japanese full stop, and at an empty line. A full stop ends no sentence after a single capital letter or a common
/// abbreviation, nor before a lowercase letter.
///
/// - Source: the rules SB6 to SB11 of Unicode Standard Annex 29, reduced to what changes the cut of a passage.
enum SentenceEnds {
  private static let abbreviations: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "e.g", "i.e", "cf", "fig", "no",
    "vol", "pp", "al", "bzw", "z.b", "ca", "nr",
  ]

  /// The positions where a sentence starts, without 0, in ascending order.
  static func sentenceStarts(in text: [Unicode.Scalar]) -> [Int] {
    var starts: [Int] = []
    var index = 0
    while index < text.count {
      let scalar = text[index]
      index += 1
      switch scalar {
      case "。", "！", "？", "｡":
        while index < text.count, isCloser(text[index]) { index += 1 }
      case ".", "!", "?", "…", "‽":
        let stop = index - 1
        while index < text.count, isTerminator(text[index]) || isCloser(text[index]) { index += 1 }
        guard index < text.count, text[index].properties.isWhitespace else { continue }
        if scalar == ".", stop + 1 == index, isAbbreviation(before: stop, in: text) { continue }
        let next = text[index...].first { !$0.properties.isWhitespace }
        if scalar == ".", let next, next.properties.isLowercase { continue }
      case "\n":
        // An empty line.
        var end = index
        while end < text.count, text[end] != "\n", text[end].properties.isWhitespace { end += 1 }
        guard end < text.count, text[end] == "\n" else { continue }
        index = end
      default: continue
      }
      while index < text.count, text[index].properties.isWhitespace { index += 1 }
      if index < text.count, index > starts.last ?? 0 { starts.append(index) }
    }
    return starts
  }

  /// The positions where a word starts after white space, without 0, in ascending order.
  static func wordStarts(in text: [Unicode.Scalar]) -> [Int] {
    text.indices.dropFirst().filter {
      text[$0 - 1].properties.isWhitespace && !text[$0].properties.isWhitespace
    }
  }

  private static func isTerminator(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "." || scalar == "!" || scalar == "?" || scalar == "…"
  }

  private static func isCloser(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .closePunctuation, .finalPunctuation: true
    default: scalar == "\"" || scalar == "'"
    }
  }

  private static func isAbbreviation(before stop: Int, in text: [Unicode.Scalar]) -> Bool {
    let start = text[..<stop].lastIndex { !($0.properties.isAlphabetic || $0 == ".") }
    let word = text[(start.map { $0 + 1 } ?? 0)..<stop]
    guard let first = word.first, word.count <= 8 else { return false }
    if word.count == 1 { return first.properties.isUppercase }
    return abbreviations.contains(String(String.UnicodeScalarView(word)).lowercased())
  }
}
