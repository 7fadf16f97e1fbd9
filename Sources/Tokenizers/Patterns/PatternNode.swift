/// A regular expression as a tree.
indirect enum PatternNode: Hashable, Sendable {
  enum Greed: Sendable {
    /// As many repetitions as possible, but fewer if the rest of the pattern would not match.
    case greedy
    /// As few repetitions as possible.
    case lazy
    /// As many repetitions as possible, without backtracking.
    case possessive
  }

  /// One scalar of a set.
  case set(ScalarSet)
  case sequence([PatternNode])
  /// The first alternative that leads to a match wins.
  case alternatives([PatternNode])
  /// `maximum`: nil for no limit.
  case repetition(PatternNode, minimum: Int, maximum: Int?, Greed)
  case assertion(ScalarAssertion)
  /// Requires that the pattern matches (or does not match, if negative) here; consumes nothing.
  case lookahead(PatternNode, isNegative: Bool)

  static let empty = PatternNode.sequence([])

  /// Whether the pattern can match the empty text.
  var isNullable: Bool {
    switch self {
    case .set: false
    case .sequence(let nodes): nodes.allSatisfy(\.isNullable)
    case .alternatives(let nodes): nodes.contains(where: \.isNullable)
    case .repetition(let node, let minimum, _, _): minimum == 0 || node.isNullable
    case .assertion, .lookahead: true
    }
  }

  /// Alternatives; merged into one set if all are sets, because then the order is irrelevant.
  static func anyOf(_ nodes: [PatternNode]) -> PatternNode {
    if nodes.count == 1 { return nodes[0] }
    var ranges: [ClosedRange<UInt32>] = []
    for node in nodes {
      guard case .set(let set) = node else { return .alternatives(nodes) }
      ranges += set.ranges
    }
    return .set(ScalarSet(ranges))
  }

  static func inOrder(_ nodes: [PatternNode]) -> PatternNode {
    nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }
}

/// A condition on the scalar before or after a position; consumes nothing.
struct ScalarAssertion: Hashable, Sendable {
  enum Side: Sendable { case before, after }

  var side: Side
  var set: ScalarSet
  /// Whether the condition holds at the start or end of the text, where there is no scalar.
  var holdsAtEdge: Bool

  var inverted: ScalarAssertion {
    ScalarAssertion(side: side, set: set.inverted, holdsAtEdge: !holdsAtEdge)
  }

  static let textStart = ScalarAssertion(side: .before, set: .empty, holdsAtEdge: true)
  static let textEnd = ScalarAssertion(side: .after, set: .empty, holdsAtEdge: true)
}

/// The reason why a pattern cannot be compiled: a malformed or unsupported construct, or a limit.
struct PatternError: Error, Hashable {
  let reason: String
}
