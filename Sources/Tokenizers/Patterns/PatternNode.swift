/// A regular expression as a tree.
indirect enum PatternNode: Hashable, Sendable {
  enum Greed: Sendable {
    /// As often as possible, and less often where what follows would not match.
    case greedy
    /// As seldom as possible.
    case lazy
    /// As often as possible, whatever follows.
    case possessive
  }

  /// One scalar out of a set.
  case set(ScalarSet)
  case sequence([PatternNode])
  /// The first alternative that leads to a match counts.
  case alternatives([PatternNode])
  /// `maximum` nil: no limit.
  case repetition(PatternNode, minimum: Int, maximum: Int?, Greed)
  case assertion(ScalarAssertion)
  /// Whether what follows matches (or, if negative, does not), without taking it.
  case lookahead(PatternNode, isNegative: Bool)

  static let empty = PatternNode.sequence([])

  /// Whether the empty text matches.
  var isNullable: Bool {
    switch self {
    case .set: false
    case .sequence(let nodes): nodes.allSatisfy(\.isNullable)
    case .alternatives(let nodes): nodes.contains(where: \.isNullable)
    case .repetition(let node, let minimum, _, _): minimum == 0 || node.isNullable
    case .assertion, .lookahead: true
    }
  }

  /// Alternatives, as one set where each is a set: then their order does not count.
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

/// A condition on one scalar beside a position; it takes nothing.
struct ScalarAssertion: Hashable, Sendable {
  enum Side: Sendable { case before, after }

  var side: Side
  var set: ScalarSet
  /// Whether the condition holds at the edge of the text, where no scalar is.
  var holdsAtEdge: Bool

  var inverted: ScalarAssertion {
    ScalarAssertion(side: side, set: set.inverted, holdsAtEdge: !holdsAtEdge)
  }

  static let textStart = ScalarAssertion(side: .before, set: .empty, holdsAtEdge: true)
  static let textEnd = ScalarAssertion(side: .after, set: .empty, holdsAtEdge: true)
}

/// Why a pattern is not compiled: the construct that is malformed or outside of the class.
struct PatternError: Error, Hashable {
  let reason: String
}
