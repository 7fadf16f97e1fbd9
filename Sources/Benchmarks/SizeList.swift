/// Parses sizes such as `12x128x64`; a size `64..512` is a sweep over 64, 128, 256 and 512.
package enum SizeList {
  /// The largest size. An array with a larger size would not fit in memory.
  private static let limit = 1 << 31

  /// Every combination of `count` sizes.
  ///
  /// - Parameter form: the expected form for error messages, such as `HxLxD`.
  package static func sizes(in text: Substring, count: Int, form: String) throws -> [[Int]] {
    let fields = text.split(separator: "x", omittingEmptySubsequences: false)
    guard fields.count == count else {
      throw BenchError("expected \(form), got '\(text)'")
    }
    return try fields.reduce([[]]) { combinations, field in
      let choices = try choices(in: field, of: text, form: form)
      return combinations.flatMap { sizes in choices.map { sizes + [$0] } }
    }
  }

  /// Parses one number, or a sweep from the first to the second number by doubling.
  private static func choices(in field: Substring, of text: Substring, form: String) throws
    -> [Int]
  {
    let ends = field.split(separator: "..", omittingEmptySubsequences: false)
    let numbers = try ends.map { end in
      guard let number = Int(end) else {
        throw BenchError("expected \(form), got '\(text)'")
      }
      guard (1...limit).contains(number) else {
        throw BenchError("expected sizes of 1 to \(limit), got '\(text)'")
      }
      return number
    }
    switch numbers.count {
    case 1: return numbers
    case 2 where numbers[0] <= numbers[1]:
      return Array(sequence(first: numbers[0]) { $0 * 2 <= numbers[1] ? $0 * 2 : nil })
    default: throw BenchError("expected \(form), got '\(text)'")
    }
  }
}

/// Splits `text` at commas and converts each part to any number of values.
package func commaSeparated<Value>(
  _ text: String, _ values: (Substring) throws -> [Value]
) throws -> [Value] {
  try text.split(separator: ",", omittingEmptySubsequences: false).flatMap { part in
    try values(part.drop { $0 == " " })
  }
}
