/// What `Split` and `Replace` look for: a string or a regular expression.
enum TextPattern: Sendable {
  /// UTF-8, not empty.
  case literal([UInt8])
  case automaton(PatternAutomaton)
  /// The most common regular expressions, which have a faster scanner.
  case words(WordPattern)

  /// The longest string to look for: longer ones would make hostile texts slow.
  static let literalLimit = 128

  /// Each scalar of a set by itself.
  init(each set: ScalarSet) {
    do {
      self = .automaton(try PatternAutomaton(.set(set)))
    } catch {
      preconditionFailure("\(error.reason)")
    }
  }

  /// Calls `body` for the matches in a part of a text, one after the other. Both bounds of the part
  /// stand between scalars.
  ///
  /// - Complexity: O(length of the part).
  @inline(__always)
  func forEachMatch(
    in bytes: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    switch self {
    case .literal(let text):
      var index = range.lowerBound
      while let match = Self.nextLiteral(text, in: bytes, from: index, to: range.upperBound) {
        body(match)
        index = match.upperBound
      }
    case .automaton(let automaton):
      automaton.forEachMatch(in: bytes, range, body)
    case .words(let pattern):
      var index = range.lowerBound
      while let match = pattern.nextMatch(in: bytes, from: index, to: range.upperBound) {
        body(match)
        index = match.upperBound
      }
    }
  }

  private static func nextLiteral(
    _ text: [UInt8], in bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> Range<Int>? {
    guard let first = text.first, end - start >= text.count else { return nil }
    var index = start
    while index <= end - text.count {
      if bytes[index] == first, matches(text, bytes, at: index) {
        return index..<index + text.count
      }
      index += 1
    }
    return nil
  }

  private static func matches(_ text: [UInt8], _ bytes: Span<UInt8>, at index: Int) -> Bool {
    for offset in 1..<max(text.count, 1) where text[offset] != bytes[index + offset] {
      return false
    }
    return true
  }
}
