/// A pattern as a program for threads (a Thompson NFA). The order of threads is the order in which a
/// backtracking matcher tries alternatives.
///
/// - Source: Thompson 1968, Regular expression search algorithm; Cox 2009, Regular expression
///   matching: the virtual machine approach.
struct PatternProgram {
  enum Instruction {
    /// Consumes one scalar of the set with this index and continues at `next`.
    case consume(set: Int, next: Int)
    /// Continues at `first` and, with lower priority, at `second`.
    case fork(first: Int, second: Int)
    case assert(side: ScalarAssertion.Side, set: Int, holdsAtEdge: Bool, next: Int)
    case look(lookahead: Int, isNegative: Bool, next: Int)
    case match
  }

  static let sizeLimit = 3000
  static let lookaheadLimit = 3

  private(set) var instructions: [Instruction] = [.match]
  private(set) var sets: [ScalarSet] = []
  /// The patterns of look-aheads that are not assertions about one scalar.
  private(set) var lookaheads: [PatternNode] = []
  private(set) var start = 0

  private var setNumbers: [ScalarSet: Int] = [:]

  init(_ node: PatternNode) throws(PatternError) { start = try add(node, next: 0) }

  /// Appends the instructions of a node, which continue at `next`; returns the index of the first one.
  private mutating func add(_ node: PatternNode, next: Int) throws(PatternError) -> Int {
    switch node {
    case .set(let set):
      return try emit(.consume(set: number(of: set), next: next))
    case .sequence(let nodes):
      var next = next
      for node in nodes.reversed() { next = try add(node, next: next) }
      return next
    case .alternatives(let nodes):
      var result: Int?
      for node in nodes.reversed() {
        let first = try add(node, next: next)
        result =
          try result.map { second throws(PatternError) in
            try emit(.fork(first: first, second: second))
          } ?? first
      }
      return result ?? next
    case .assertion(let assertion):
      return try emit(
        .assert(
          side: assertion.side, set: number(of: assertion.set), holdsAtEdge: assertion.holdsAtEdge,
          next: next))
    case .lookahead(let node, let isNegative):
      let index = lookaheads.firstIndex(of: node) ?? lookaheads.count
      if index == lookaheads.count { lookaheads.append(node) }
      guard lookaheads.count <= Self.lookaheadLimit else {
        throw PatternError(reason: "more than \(Self.lookaheadLimit) look-aheads")
      }
      return try emit(.look(lookahead: index, isNegative: isNegative, next: next))
    case .repetition(let node, let minimum, let maximum, let greed):
      return try addRepetition(of: node, minimum, maximum, greed, next: next)
    }
  }

  private mutating func addRepetition(
    of node: PatternNode, _ minimum: Int, _ maximum: Int?, _ greed: PatternNode.Greed, next: Int
  ) throws(PatternError) -> Int {
    guard minimum <= Self.sizeLimit, maximum ?? 0 <= Self.sizeLimit else { throw Self.tooLarge }
    var exit = next
    if greed == .possessive, case .set(let set) = node {
      // A possessive repetition of one set ends only where no scalar of the set follows.
      exit = try add(
        .assertion(ScalarAssertion(side: .after, set: set.inverted, holdsAtEdge: true)),
        next: next)
    }
    var result = next
    if let maximum {
      for _ in minimum..<maximum {
        let body = try add(node, next: result)
        result = try emit(Self.choice(body, exit, greed))
      }
    } else {
      let loop = try emit(.match)
      let body = try add(node, next: loop)
      instructions[loop] = Self.choice(body, exit, greed)
      result = loop
    }
    for _ in 0..<minimum { result = try add(node, next: result) }
    return result
  }

  /// A fork that repeats at `body` or leaves at `exit`.
  private static func choice(_ body: Int, _ exit: Int, _ greed: PatternNode.Greed) -> Instruction {
    greed == .lazy ? .fork(first: exit, second: body) : .fork(first: body, second: exit)
  }

  private mutating func emit(_ instruction: Instruction) throws(PatternError) -> Int {
    guard instructions.count < Self.sizeLimit else { throw Self.tooLarge }
    instructions.append(instruction)
    return instructions.count - 1
  }

  private mutating func number(of set: ScalarSet) -> Int {
    if let number = setNumbers[set] { return number }
    setNumbers[set] = sets.count
    sets.append(set)
    return sets.count - 1
  }

  static let tooLarge = PatternError(reason: "too large, the limit is \(sizeLimit) instructions")
}
