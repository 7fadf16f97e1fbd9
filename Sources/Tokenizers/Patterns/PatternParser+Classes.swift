/// Character classes: `[^a-z\s[:alpha:]&&[^x]]`.
extension PatternParser {
  /// Parses a class after its opening bracket.
  mutating func characterClass() throws(PatternError) -> PatternNode {
    let (set, isInverted) = try classBody(depth: 0)
    guard options.ignoresCase else { return .set(isInverted ? set.inverted : set) }
    let closed = CaseFolding.closure(of: set)
    if isInverted { return .set(closed.inverted) }
    let sequences = CaseFolding.sequences(equalToMembersOf: closed)
    return .anyOf([.set(closed)] + sequences.map { .sequence($0.map { .set($0) }) })
  }

  /// Parses up to the closing bracket. Returns the listed scalars and whether the class is inverted.
  private mutating func classBody(
    depth: Int
  ) throws(PatternError) -> (set: ScalarSet, isInverted: Bool) {
    guard depth < 8 else { throw failure("character classes nested too deeply") }
    let isInverted = take("^")
    var whole: ScalarSet?
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while true {
      // A closing bracket at the start is literal.
      if !isFirst, take("]") { break }
      if take("&&") {
        whole = Self.intersection(whole, ScalarSet(ranges))
        ranges = []
      } else if let set = try classSet(depth: depth) {
        ranges += set.ranges
        if next == UInt32(ascii: "-"), !isLast(hyphen: index) {
          throw failure("hyphen after a set in a character class")
        }
      } else {
        ranges.append(try classRange())
      }
      isFirst = false
    }
    return (Self.intersection(whole, ScalarSet(ranges)), isInverted)
  }

  private static func intersection(_ first: ScalarSet?, _ second: ScalarSet) -> ScalarSet {
    first?.intersection(second) ?? second
  }

  /// Whether a hyphen is the last character before `]` or `&&`: then it is literal.
  private func isLast(hyphen index: Int) -> Bool {
    let rest = scalars[index...].dropFirst()
    return rest.first == UInt32(ascii: "]")
      || rest.prefix(2).elementsEqual([UInt32(ascii: "&"), UInt32(ascii: "&")])
  }

  /// Parses a set in a class. If a single scalar follows, returns nil and reads nothing.
  private mutating func classSet(depth: Int) throws(PatternError) -> ScalarSet? {
    let start = index
    if take("[:") {
      let isInverted = take("^")
      var name = ""
      while let next, let scalar = Unicode.Scalar(next), scalar.properties.isAlphabetic {
        name.unicodeScalars.append(scalar)
        index += 1
      }
      guard take(":]") else { throw failure("malformed POSIX bracket") }
      guard let set = ScalarSet.bracketed(name) else {
        throw failure("POSIX bracket [:\(printable(name, limit: 40)):]")
      }
      return isInverted ? set.inverted : set
    }
    if take("[") {
      let (set, isInverted) = try classBody(depth: depth + 1)
      return isInverted ? set.inverted : set
    }
    if take("\\"), let set = try setEscape(isInClass: true) { return set }
    index = start
    return nil
  }

  /// Parses a scalar or a range of scalars.
  private mutating func classRange() throws(PatternError) -> ClosedRange<UInt32> {
    let first = try classScalar()
    guard next == UInt32(ascii: "-"), !isLast(hyphen: index) else { return first...first }
    index += 1
    let last = try classScalar()
    guard first <= last else { throw failure("empty range in a character class") }
    if next == UInt32(ascii: "-"), !isLast(hyphen: index) {
      throw failure("hyphen after a range in a character class")
    }
    return first...last
  }

  private mutating func classScalar() throws(PatternError) -> UInt32 {
    let scalar = try self.scalar("unmatched \"[\"")
    if scalar == UInt32(ascii: "[") { throw failure("character class as the end of a range") }
    guard scalar == UInt32(ascii: "\\") else { return scalar }
    if take("b") { return 0x08 }
    if let literal = try literalEscape() { return literal }
    let letter = Unicode.Scalar(scalars[index - 1]).map { "\\\($0)" } ?? "escape"
    throw failure("escape \(letter) in a character class")
  }
}
