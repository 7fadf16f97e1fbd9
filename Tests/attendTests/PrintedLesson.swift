import Foundation

/// The numbers that `attend example` prints.
struct PrintedLesson {
  typealias Matrix = [[Double]]

  private let lines: [String]

  init(_ run: AttendRun) {
    lines = run.outputLines
  }

  /// The numbers of the table after the first line with `text`, without the titles and the words.
  ///
  /// - Parameter table: 0 for the first table, 1 for the one below it.
  func rows(after text: String, table: Int = 0) -> Matrix {
    guard let start = lines.firstIndex(where: { $0.contains(text) }) else { return [] }
    let blocks = lines[start...].split(separator: "").dropFirst()
    guard blocks.count > table else { return [] }
    return blocks[blocks.startIndex + table].dropFirst().map { Self.numbers($0) }
  }

  /// The matrix that is printed as `[0.1 0.3; 0.2 0.1]` or row by row.
  func matrix(_ name: String) -> Matrix {
    guard let start = lines.firstIndex(where: { $0.contains("\(name) = ") }),
      let text = lines[start].components(separatedBy: "\(name) = ").last
    else { return [] }
    if text.hasPrefix("[") {
      let inside = text.dropFirst().prefix { $0 != "]" }
      return inside.split(separator: ";").map { $0.split(separator: " ").compactMap { Double($0) } }
    }
    let rows = lines[start...].prefix { !$0.isEmpty }
    return rows.map { row in row.split(separator: " ").compactMap { Double($0) } }
  }

  /// The numbers of a row after its word; −∞ for `-∞`.
  private static func numbers(_ line: String) -> [Double] {
    line.split(separator: " ").dropFirst().compactMap { field in
      let text = field.trimmingCharacters(in: CharacterSet(charactersIn: "[],"))
      return text == "-∞" ? -.infinity : Double(text)
    }
  }
}

/// Attention in double precision, written down from its formula.
struct LessonFormula {
  typealias Matrix = PrintedLesson.Matrix

  let products: Matrix
  let scores: Matrix
  let weights: Matrix
  let output: Matrix

  init(_ q: Matrix, _ k: Matrix, _ v: Matrix, isCausal: Bool = false, isScaled: Bool = true) {
    let factor = isScaled ? 1 / Double(q[0].count).squareRoot() : 1
    products = q.map { query in k.map { key in zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } } }
    scores = products.enumerated().map { i, row in
      row.enumerated().map { j, x in isCausal && j > i ? -.infinity : factor * x }
    }
    weights = scores.map { row in
      let sum = row.reduce(0) { $0 + exp($1) }
      return row.map { exp($0) / sum }
    }
    output = Self.product(weights, v)
  }

  static func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    a.map { row in
      b[0].indices.map { column in
        row.indices.reduce(0) { $0 + row[$1] * b[$1][column] }
      }
    }
  }

  /// Some columns of every row.
  static func columns(_ matrix: Matrix, _ range: Range<Int>) -> Matrix {
    matrix.map { Array($0[range]) }
  }

  /// Whether two matrices have the same shape and differ by rounding to `digits` digits at most.
  static func agree(_ printed: Matrix, _ expected: Matrix, digits: Int = 4) -> Bool {
    let bound = 0.51 * pow(10, -Double(digits))
    return printed.map(\.count) == expected.map(\.count)
      && zip(printed.joined(), expected.joined()).allSatisfy { $0 == $1 || abs($0 - $1) <= bound }
  }
}
