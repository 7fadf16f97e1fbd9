/// Parses regular expressions in the syntax of Hugging Face tokenizers: Oniguruma's syntax for Ruby.
///
/// Throws an error for constructs that `PatternAutomaton` does not support: back-references to more than
/// one scalar, look-behind of more than one scalar, most atomic groups, and repetitions of a node that can
/// match the empty text.
///
/// - Source: Oniguruma 6.9, `doc/RE` and `doc/SYNTAX.md`.
struct PatternParser {
  /// The options `(?i)` and `(?m)`.
  struct Options {
    var ignoresCase = false
    /// Whether `.` matches a line feed.
    var dotMatchesLineFeed = false
  }

  static let lengthLimit = 4096
  private static let depthLimit = 40

  let scalars: [UInt32]
  var index = 0
  var options = Options()
  private var depth = 0
  /// Number of unnamed groups so far; nil if there are named groups, because then unnamed groups have no
  /// numbers.
  private var groupCount: Int? = 0

  static func parse(_ pattern: String) throws(PatternError) -> PatternNode {
    var parser = PatternParser(scalars: pattern.unicodeScalars.map(\.value))
    guard parser.scalars.count <= lengthLimit else {
      throw PatternError(
        reason: "pattern of \(parser.scalars.count) characters, the limit is \(lengthLimit)")
    }
    let node = try parser.alternatives()
    guard parser.index == parser.scalars.count else { throw parser.failure("unmatched \")\"") }
    return node
  }

  private init(scalars: [UInt32]) { self.scalars = scalars }

  // MARK: - Reading scalars

  var next: UInt32? { index < scalars.count ? scalars[index] : nil }

  func failure(_ construct: String) -> PatternError {
    PatternError(reason: "\(construct) at character \(index + 1)")
  }

  /// Reads `text` if it follows; returns whether it does.
  mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars.map(\.value)
    guard scalars[index...].starts(with: wanted) else { return false }
    index += wanted.count
    return true
  }

  /// Reads one scalar. `construct` is for the error at the end of the pattern.
  mutating func scalar(_ construct: String) throws(PatternError) -> UInt32 {
    guard let next else { throw failure("\(construct) at the end of the pattern") }
    index += 1
    return next
  }

  // MARK: - Alternatives and sequences

  /// Parses alternatives up to a closing parenthesis or the end.
  private mutating func alternatives() throws(PatternError) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw failure("groups nested too deeply") }
    var result = [try sequence()]
    while take("|") { result.append(try sequence()) }
    return .anyOf(result)
  }

  private mutating func sequence() throws(PatternError) -> PatternNode {
    var nodes: [PatternNode] = []
    /// Consecutive literals under `(?i)`: a sequence of them may equal one scalar.
    var literals: [UInt32] = []
    func flush() throws(PatternError) {
      nodes += try CaseFolding.nodes(matching: literals)
      literals = []
    }
    while let next, next != UInt32(ascii: "|"), next != UInt32(ascii: ")") {
      if let options = try isolatedOptions() {
        // As in Ruby, `a(?i)b|c` is `a(?i:b|c)`.
        let outer = self.options
        self.options = options
        try flush()
        nodes.append(try alternatives())
        self.options = outer
        break
      }
      guard !startsQuantifier else { throw failure("quantifier with nothing to repeat") }
      let start = index
      if let literal = try literal() {
        if options.ignoresCase, !startsQuantifier {
          literals.append(literal)
          continue
        }
        try flush()
        let nodes1 =
          options.ignoresCase
          ? try CaseFolding.nodes(matching: [literal]) : [.set(ScalarSet([literal]))]
        nodes.append(try quantified(.inOrder(nodes1)))
      } else {
        index = start
        try flush()
        let atom = try atom()
        guard !isAnchor(at: start) || !startsQuantifier else {
          throw failure("quantifier after an assertion")
        }
        nodes.append(try quantified(atom))
      }
    }
    try flush()
    return .inOrder(nodes)
  }

  /// Whether the scalars at `start` are an assertion without parentheses, such as `^` or `\b`.
  private func isAnchor(at start: Int) -> Bool {
    guard scalars[start] == UInt32(ascii: "\\") else {
      return [UInt32(ascii: "^"), UInt32(ascii: "$")].contains(scalars[start])
    }
    return start + 1 < scalars.count
      && "AbBGzZ".unicodeScalars.contains { $0.value == scalars[start + 1] }
  }

  /// Parses a literal scalar. If something else follows, returns nil and reads nothing.
  private mutating func literal() throws(PatternError) -> UInt32? {
    guard let next else { return nil }
    let start = index
    index += 1
    switch next {
    case UInt32(ascii: "\\"):
      if let literal = try literalEscape() { return literal }
      index = start
      return nil
    case UInt32(ascii: "["), UInt32(ascii: "("), UInt32(ascii: "."), UInt32(ascii: "^"),
      UInt32(ascii: "$"), UInt32(ascii: "*"), UInt32(ascii: "+"), UInt32(ascii: "?"):
      index = start
      return nil
    default:
      return next
    }
  }

  private mutating func atom() throws(PatternError) -> PatternNode {
    let first = try scalar("nothing")
    switch first {
    case UInt32(ascii: "\\"): return try escape()
    case UInt32(ascii: "["): return try characterClass()
    case UInt32(ascii: "("): return try group()
    case UInt32(ascii: "."):
      return .set(options.dotMatchesLineFeed ? .all : ScalarSet([0x0A]).inverted)
    case UInt32(ascii: "^"):
      // `^` does not match after a line feed at the end of the text.
      let isLineStart = ScalarAssertion(side: .before, set: ScalarSet([0x0A]), holdsAtEdge: false)
      return .alternatives([
        .assertion(.textStart),
        .sequence([.assertion(isLineStart), .assertion(ScalarAssertion.textEnd.inverted)]),
      ])
    case UInt32(ascii: "$"):
      return .assertion(ScalarAssertion(side: .after, set: ScalarSet([0x0A]), holdsAtEdge: true))
    default:
      index -= 1
      throw failure("quantifier with nothing to repeat")
    }
  }

  // MARK: - Groups

  /// Parses options such as `(?i)`, which hold until the end of the enclosing group. If something else
  /// follows, returns nil and reads nothing.
  private mutating func isolatedOptions() throws(PatternError) -> Options? {
    let start = index
    if take("(?"), let options = optionLetters(), take(")") { return options }
    index = start
    return nil
  }

  /// Parses option letters such as `i-m`; returns nil at other letters, and if there are none.
  private mutating func optionLetters() -> Options? {
    let start = index
    var result = options
    var isOn = true
    while let next {
      switch next {
      case UInt32(ascii: "i"): result.ignoresCase = isOn
      case UInt32(ascii: "m"): result.dotMatchesLineFeed = isOn
      case UInt32(ascii: "-"): isOn = false
      case UInt32(ascii: ")"), UInt32(ascii: ":"): return index > start ? result : nil
      default: return nil
      }
      index += 1
    }
    return nil
  }

  private mutating func group() throws(PatternError) -> PatternNode {
    let outer = options
    defer { options = outer }
    guard take("?") else {
      groupCount = groupCount.map { $0 + 1 }
      let number = groupCount
      return try repeated(try groupBody(), number)
    }
    if take(":") { return try groupBody() }
    if take("=") { return Self.lookahead(try groupBody(), isNegative: false) }
    if take("!") { return Self.lookahead(try groupBody(), isNegative: true) }
    if take("<=") { return try lookbehind(isNegative: false) }
    if take("<!") { return try lookbehind(isNegative: true) }
    if take(">") { return try atomicGroup() }
    if take("#") {
      while try scalar("unmatched \"(\"") != UInt32(ascii: ")") {}
      return .empty
    }
    if take("<") {
      groupCount = nil
      try groupName()
      return try groupBody()
    }
    if let options = optionLetters(), take(":") {
      self.options = options
      return try groupBody()
    }
    throw failure("unknown kind of group")
  }

  /// Reads the name of a group and the `>` after it. A name consists of word characters, and does not begin
  /// with a digit.
  private mutating func groupName() throws(PatternError) {
    let start = index
    while true {
      let scalar = try scalar("unmatched \"(\"")
      if scalar == UInt32(ascii: ">"), index > start + 1 { return }
      let isDigit = Self.digit(scalar, radix: 10) != nil
      guard UnicodeData.shared[scalar].properties.contains(.word), !isDigit || index > start + 1
      else { throw failure("malformed name of a group") }
    }
  }

  private mutating func groupBody() throws(PatternError) -> PatternNode {
    let node = try alternatives()
    guard take(")") else { throw failure("unmatched \"(\"") }
    return node
  }

  /// A group with a back-reference directly after it, such as `([.!?])\1*`, becomes one alternative per
  /// scalar of the group. Returns other groups unchanged.
  private mutating func repeated(
    _ node: PatternNode, _ number: Int?
  ) throws(PatternError) -> PatternNode {
    let start = index
    guard case .set(let set) = node, let number, !options.ignoresCase,
      (1...100).contains(set.count), take("\\\(number)")
    else { return node }
    if let next, Self.digit(next, radix: 10) != nil {
      index = start
      return node
    }
    let quantifier = index
    var result: [PatternNode] = []
    for scalar in set.ranges.joined() {
      index = quantifier
      let one = PatternNode.set(ScalarSet([scalar]))
      result.append(.sequence([one, try quantified(one)]))
    }
    return .anyOf(result)
  }

  private static func lookahead(_ node: PatternNode, isNegative: Bool) -> PatternNode {
    guard case .set(let set) = node else { return .lookahead(node, isNegative: isNegative) }
    let assertion = ScalarAssertion(side: .after, set: set, holdsAtEdge: false)
    return .assertion(isNegative ? assertion.inverted : assertion)
  }

  private mutating func lookbehind(isNegative: Bool) throws(PatternError) -> PatternNode {
    guard case .set(let set) = try groupBody() else {
      throw failure("look-behind that is not one character")
    }
    let assertion = ScalarAssertion(side: .before, set: set, holdsAtEdge: false)
    return .assertion(isNegative ? assertion.inverted : assertion)
  }

  /// Parses an atomic group. Supports only nodes that can match in one way, and repetitions of one scalar.
  private mutating func atomicGroup() throws(PatternError) -> PatternNode {
    let node = try groupBody()
    switch node {
    case .set: return node
    case .repetition(.set(let set), let minimum, let maximum, .greedy):
      return .repetition(.set(set), minimum: minimum, maximum: maximum, .possessive)
    case .sequence(let parts):
      if parts.allSatisfy({ if case .set = $0 { true } else { false } }) { return node }
    default: break
    }
    throw failure("atomic group that is not a sequence of characters or one repeated character")
  }

  // MARK: - Quantifiers

  private var startsQuantifier: Bool {
    var parser = self
    return parser.quantifier() != nil
  }

  /// Parses the bounds of a quantifier. If none follows, returns nil and reads nothing.
  private mutating func quantifier() -> (minimum: Int, maximum: Int?, isInterval: Bool)? {
    if take("*") { return (0, nil, false) }
    if take("+") { return (1, nil, false) }
    if take("?") { return (0, 1, false) }
    // Braces that do not form an interval are literal.
    let start = index
    guard take("{") else { return nil }
    let minimum = number()
    let hasComma = take(",")
    let maximum = hasComma ? number() : minimum
    guard minimum != nil || maximum != nil, take("}") else {
      index = start
      return nil
    }
    return (minimum ?? 0, maximum, true)
  }

  private mutating func number() -> Int? {
    var result: Int?
    while let next, let digit = Self.digit(next, radix: 10), (result ?? 0) < 1_000_000 {
      result = (result ?? 0) * 10 + digit
      index += 1
    }
    return result
  }

  private mutating func quantified(_ atom: PatternNode) throws(PatternError) -> PatternNode {
    var node = atom
    while let (minimum, maximum, isInterval) = quantifier() {
      if let maximum, maximum < minimum {
        throw failure("interval with minimum \(minimum) above maximum \(maximum)")
      }
      var greed = PatternNode.Greed.greedy
      if isInterval {
        // In Ruby's syntax, {n}? is an optional {n}, and {n,m}+ repeats {n,m}.
        if minimum != maximum, take("?") { greed = .lazy }
      } else if take("?") {
        greed = .lazy
      } else if take("+") {
        greed = .possessive
      }
      if greed == .possessive {
        guard case .set = node else {
          throw failure("possessive quantifier on more than one character")
        }
      }
      switch node {
      case .assertion, .lookahead: throw failure("quantifier after an assertion")
      default: break
      }
      guard !node.isNullable || maximum == 1 else {
        throw failure("repetition of a part that can match the empty text")
      }
      node = .repetition(node, minimum: minimum, maximum: maximum, greed)
    }
    return node
  }

  static func digit(_ scalar: UInt32, radix: Int) -> Int? {
    guard scalar < 0x80 else { return nil }
    let value = Character(UnicodeScalar(UInt8(scalar))).hexDigitValue
    return value.flatMap { $0 < radix ? $0 : nil }
  }
}

extension UInt32 {
  init(ascii scalar: Unicode.Scalar) { self = scalar.value }
}
