/// Escapes, inside and outside of character classes.
extension PatternParser {
  /// Parses the escape of a single scalar after the backslash; returns nil for other escapes.
  mutating func literalEscape() throws(PatternError) -> UInt32? {
    let letter = try scalar("backslash")
    switch letter {
    case UInt32(ascii: "t"): return 0x09
    case UInt32(ascii: "n"): return 0x0A
    case UInt32(ascii: "v"): return 0x0B
    case UInt32(ascii: "f"): return 0x0C
    case UInt32(ascii: "r"): return 0x0D
    case UInt32(ascii: "a"): return 0x07
    case UInt32(ascii: "e"): return 0x1B
    case UInt32(ascii: "u"): return try codePoint(digits: 4)
    case UInt32(ascii: "x"):
      if take("{") {
        let value = try codePoint(digits: nil)
        guard take("}") else { throw failure("unmatched \"{\"") }
        return value
      }
      let value = try codePoint(digits: 2)
      guard value < 0x80 else { throw failure("byte escape above \\x7F") }
      return value
    default:
      let isLetterOrDigit =
        letter < 0x80 && Character(UnicodeScalar(UInt8(letter))).isLetter
        || Self.digit(letter, radix: 10) != nil
      return isLetterOrDigit ? nil : letter
    }
  }

  /// Parses a hexadecimal number of `digits` digits (nil: up to 8 digits).
  private mutating func codePoint(digits: Int?) throws(PatternError) -> UInt32 {
    var value: UInt32 = 0
    var count = 0
    while count < digits ?? 8, let next, let digit = Self.digit(next, radix: 16) {
      value = value << 4 | UInt32(digit)
      count += 1
      index += 1
    }
    guard count > 0, digits == nil || count == digits, Unicode.Scalar(value) != nil else {
      throw failure("malformed code point")
    }
    return value
  }

  /// Parses a set such as `\s` or `\p{L}` after the backslash. For other escapes, returns nil and reads
  /// nothing.
  mutating func setEscape(isInClass: Bool) throws(PatternError) -> ScalarSet? {
    guard let letter = next else { return nil }
    index += 1
    let word = isInClass ? ScalarSet.word : .wordByItself
    switch letter {
    case UInt32(ascii: "s"): return .space
    case UInt32(ascii: "S"): return ScalarSet.space.inverted
    case UInt32(ascii: "d"): return .digit
    case UInt32(ascii: "D"): return ScalarSet.digit.inverted
    case UInt32(ascii: "w"): return word
    case UInt32(ascii: "W"): return word.inverted
    case UInt32(ascii: "h"): return .hexDigit
    case UInt32(ascii: "H"): return ScalarSet.hexDigit.inverted
    case UInt32(ascii: "p"), UInt32(ascii: "P"):
      guard take("{") else { throw failure("property without braces") }
      let isInverted = take("^") != (letter == UInt32(ascii: "P"))
      var name = ""
      while let next, next != UInt32(ascii: "}"), let scalar = Unicode.Scalar(next) {
        name.unicodeScalars.append(scalar)
        index += 1
      }
      guard take("}") else { throw failure("unmatched \"{\"") }
      guard let set = ScalarSet.property(name) else {
        throw failure("property \\p{\(printable(name, limit: 40))}")
      }
      return isInverted ? set.inverted : set
    default:
      index -= 1
      return nil
    }
  }

  /// Parses an escape after the backslash, except the escape of a single scalar.
  mutating func escape() throws(PatternError) -> PatternNode {
    if let set = try setEscape(isInClass: false) { return .set(set) }
    let letter = try scalar("backslash")
    switch letter {
    case UInt32(ascii: "A"): return .assertion(.textStart)
    case UInt32(ascii: "z"): return .assertion(.textEnd)
    case UInt32(ascii: "Z"):
      let lineFeed = PatternNode.repetition(
        .set(ScalarSet([0x0A])), minimum: 0, maximum: 1, .greedy)
      return .lookahead(.sequence([lineFeed, .assertion(.textEnd)]), isNegative: false)
    case UInt32(ascii: "N"): return .set(ScalarSet([0x0A]).inverted)
    case UInt32(ascii: "O"): return .set(.all)
    case UInt32(ascii: "b"): return Self.wordBoundary(isNegative: false)
    case UInt32(ascii: "B"): return Self.wordBoundary(isNegative: true)
    default:
      let name = Unicode.Scalar(letter).map { "\\\($0)" } ?? "escape"
      let isReference = Self.digit(letter, radix: 10) != nil || letter == UInt32(ascii: "k")
      throw failure(isReference ? "back-reference \(name)" : "escape \(name)")
    }
  }

  private static func wordBoundary(isNegative: Bool) -> PatternNode {
    let before = ScalarAssertion(side: .before, set: .wordByItself, holdsAtEdge: false)
    let after = ScalarAssertion(side: .after, set: .wordByItself, holdsAtEdge: false)
    return .alternatives([
      .sequence([.assertion(before), .assertion(isNegative ? after : after.inverted)]),
      .sequence([.assertion(before.inverted), .assertion(isNegative ? after.inverted : after)]),
    ])
  }
}
