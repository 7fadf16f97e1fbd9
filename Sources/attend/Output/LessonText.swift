import Attention
import AttentionModels

/// The numbers of a lesson as text.
enum LessonText {
  /// The width of a line.
  static let columns = 100

  /// A number with up to four digits after the point: 0.1, −2, 0.3333.
  static func short(_ number: Float) -> String {
    let text = String(number, digits: 4)
    guard text.contains("."), !text.contains("e") else { return text }
    let digits = text.reversed().drop { $0 == "0" }
    return String((digits.first == "." ? digits.dropFirst() : digits).reversed())
  }

  /// A factor of a product: as `short(_:)`, with parentheses around a negative number.
  static func factor(_ number: Float) -> String {
    number < 0 ? "(\(short(number)))" : short(number)
  }

  /// Vectors of the same length: up to two components with four digits, more with the digits that all of them
  /// need, at most as many as `vector(_:)` shows.
  static func vectors(_ rows: [[Float]]) -> [String] {
    let digits = digits(ofVectors: rows)
    return rows.map { row in
      "[\(row.map { String($0, digits: digits) }.joined(separator: ", "))]"
    }
  }

  /// The digits after the point that `vectors(_:)` shows.
  static func digits(ofVectors rows: [[Float]]) -> Int {
    guard let count = rows.first?.count, count > 2 else { return 4 }
    let needed = rows.joined().map { short($0).drop { $0 != "." }.dropFirst().count }.max() ?? 0
    return min(max(needed, 1), digits(ofVector: count))
  }

  /// A vector with four digits, or with two if it has more than four components.
  static func vector(_ components: [Float]) -> String {
    let digits = digits(ofVector: components.count)
    return "[\(components.map { String($0, digits: digits) }.joined(separator: ", "))]"
  }

  /// The digits after the point that `vector(_:)` shows for a number of components.
  static func digits(ofVector count: Int) -> Int { count > 4 ? 2 : 4 }

  /// A score; −∞ if the mask hides it.
  static func score(_ score: Float, digits: Int = 4) -> String {
    score == -.infinity ? "-∞" : String(score, digits: digits)
  }

  /// The digits after the point of scores and weights in a matrix with a column for each word.
  static func matrixDigits(words count: Int) -> (scores: Int, weights: Int) {
    count > 8 ? (2, 3) : (4, 4)
  }

  /// A word, cut to `width` cells.
  static func word(_ word: String, width: Int = 12) -> String {
    var (short, used) = ("", 0)
    for character in word {
      let cells = displayWidth(String(character))
      guard used + cells <= width else {
        while displayWidth(short) >= width { short.removeLast() }
        return short + "…"
      }
      short.append(character)
      used += cells
    }
    return short
  }

  /// Matrices in one line, as `[0.1 0.3; 0.2 0.1]`, or one below the other if the line is too long.
  static func matrices(_ matrices: KeyValuePairs<String, Tensor>) -> [String] {
    let line =
      "     "
      + matrices.map { name, matrix in
        let rows = matrix.rows.map { $0.map(short).joined(separator: " ") }
        return "\(name) = [\(rows.joined(separator: "; "))]"
      }.joined(separator: "   ")
    if line.count <= columns { return [line] }
    let blocks = matrices.map { name, matrix in
      var table = Table(Array(repeating: .right, count: matrix.shape[1] + 1))
      for (index, row) in matrix.rows.enumerated() {
        table.row([index == 0 ? "\(name) =" : ""] + row.map(short))
      }
      return table.lines.map { "   " + $0 }
    }
    return Array(blocks.joined(separator: [""]))
  }
}
