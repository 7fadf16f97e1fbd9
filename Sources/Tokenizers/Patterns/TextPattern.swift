/// The pattern of `Split` and `Replace`: a string or a regular expression.
enum TextPattern: Sendable {
  /// Nonempty UTF-8.
  case literal([UInt8])
  case automaton(PatternAutomaton)
  /// One of the most common regular expressions, with a faster scanner.
  case words(WordPattern)

  /// Maximum bytes of a literal; searching for longer ones would make hostile texts slow.
  static let literalLimit = 128

  /// A pattern that matches single scalars of a set.
  init(each set: ScalarSet) {
    do {
      self = .automaton(try PatternAutomaton(.set(set)))
    } catch {
      preconditionFailure("\(error.reason)")
    }
  }

  /// Calls `body` for each match in a part of a text, in order. Both bounds of the part must be scalar
  /// boundaries.
  ///
  /// - Complexity: O(length of the part).
  @inline(__always)
  func forEachMatch(
    in bytes: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var cancellation = CancellationSteps()
    switch self {
    case .literal(let text):
      var index = range.lowerBound
      while let match = Self.nextLiteral(text, in: bytes, from: index, to: range.upperBound),
        !cancellation.isRequested()
      {
        body(match)
        index = match.upperBound
      }
    case .automaton(let automaton):
      automaton.forEachMatch(in: bytes, range, body)
    case .words(let pattern):
      var index = range.lowerBound
      while let match = pattern.nextMatch(in: bytes, from: index, to: range.upperBound),
        !cancellation.isRequested()
      {
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
