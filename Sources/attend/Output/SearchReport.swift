import Attention
import AttentionSearch

/// Results of a search for people: the score, the document and the range of each passage, and its text around the
/// sentence that fits best.
struct SearchReport {
  /// The width of the terminal.
  let columns: Int
  /// Whether to use bold letters.
  let isColored: Bool
  private var reportCount = 0

  /// The largest number of lines of a passage.
  private static let lineLimit = 4
  private static let indent = "  "

  init(columns: Int, isColored: Bool) {
    (self.columns, self.isColored) = (max(columns, 20), isColored)
  }

  /// The lines for one query.
  ///
  /// - Parameter sentences: the range of the best sentence of each result, in Unicode scalars of its text.
  mutating func lines(
    query: String, _ results: [SearchResult], _ sentences: [Range<Int>]
  ) -> [String] {
    var lines = reportCount > 0 ? [""] : []
    reportCount += 1
    lines.append(oneLine("Query: \(query)", columns: columns))
    if results.isEmpty { lines += ["", "No documents."] }
    for (result, sentence) in zip(results, sentences) {
      let place = "\(result.range.lowerBound)..<\(result.range.upperBound)"
      let score = String(result.score, digits: 3)
      let name = oneLine(
        result.document, columns: max(8, columns - score.count - place.count - 4))
      lines += ["", "\(score)  \(name)  \(place)"]
      lines += passage(result, sentence)
    }
    return lines
  }

  /// The passage in lines, of which those with the best sentence are shown.
  private func passage(_ result: SearchResult, _ sentence: Range<Int>) -> [String] {
    var words: [(text: String, isBest: Bool)] = []
    var word = ""
    var isBest = false
    func end() {
      if !word.isEmpty { words.append((word, isBest)) }
      word = ""
    }
    for (index, scalar) in result.text.unicodeScalars.enumerated() {
      if scalar.properties.isWhitespace {
        end()
      } else {
        if word.isEmpty { isBest = sentence.contains(index) }
        word.unicodeScalars.append(scalar)
      }
    }
    end()
    let lines = wrapped(words)
    let first = lines.firstIndex { $0.contains(where: \.isBest) } ?? 0
    // One line of context before the sentence, if the passage does not end first.
    let start = max(0, min(first - 1, lines.count - Self.lineLimit))
    let shown = lines[start..<min(lines.count, start + Self.lineLimit)]
    let (isCutBefore, isCutAfter) = (
      start > 0 || !result.before.isEmpty, shown.endIndex < lines.count || !result.after.isEmpty
    )
    return shown.enumerated().map { offset, words in
      let isLast = offset == shown.count - 1
      return Self.indent + (offset == 0 && isCutBefore ? "… " : "") + text(of: words)
        + (isLast && isCutAfter ? " …" : "")
    }
  }

  /// Words in lines that leave room for the indent and the ellipses.
  private func wrapped(
    _ words: [(text: String, isBest: Bool)]
  ) -> [[(text: String, isBest: Bool)]] {
    let width = columns - Self.indent.count - 4
    var lines: [[(text: String, isBest: Bool)]] = []
    var used = 0
    for word in words {
      let text = oneLine(word.text, columns: width)
      let length = displayWidth(text)
      if lines.isEmpty || used + 1 + length > width {
        lines.append([])
        used = length
      } else {
        used += 1 + length
      }
      lines[lines.count - 1].append((text, word.isBest))
    }
    return lines
  }

  private func text(of words: [(text: String, isBest: Bool)]) -> String {
    guard isColored else { return words.map(\.text).joined(separator: " ") }
    var line = ""
    var isBold = false
    for (index, word) in words.enumerated() {
      if index > 0 { line += " " }
      if word.isBest != isBold {
        line += word.isBest ? "\u{1B}[1m" : "\u{1B}[0m"
        isBold = word.isBest
      }
      line += word.text
    }
    return line + (isBold ? "\u{1B}[0m" : "")
  }
}
