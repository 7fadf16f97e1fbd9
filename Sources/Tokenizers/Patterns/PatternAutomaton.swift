/// A pattern as a deterministic automaton: one step for each scalar of the text.
///
/// A state is the list of threads that are alive, in the order of their priority. Threads behind one
/// that has matched can no longer win, and are dropped; so the last match that a run sees is the one
/// that a backtracking matcher finds first.
///
/// - Source: Cox 2010, Regular expression matching in the wild (leftmost-first matching in RE2).
final class PatternAutomaton: Sendable {
  static let stateLimit = 512

  /// The state without threads: nothing will match.
  static let dead = 0
  /// Set in a transition where a match ends before the scalar.
  static let matchBit: UInt16 = 0x8000

  let partition: ScalarPartition
  /// For each state, class of the next scalar (the last one: the end of the text) and, as bits,
  /// result of each look-ahead: the next state and `matchBit`.
  let transitions: [UInt16]
  /// The same for each state and each ASCII scalar, where there are no look-aheads.
  let asciiTransitions: [UInt16]
  /// The state in which a run starts, for each class of the scalar before it; the last one is for the
  /// start of the text.
  let starts: [UInt16]
  /// Whether all of `starts` are the same.
  let hasOneStart: Bool
  /// Which look-aheads, as bits, a state asks for.
  let neededLookaheads: [UInt8]
  let lookaheads: [PatternAutomaton]

  var classCount: Int { partition.count }

  /// Compiles a pattern.
  convenience init(_ pattern: String) throws(PatternError) {
    try self.init(PatternParser.parse(pattern))
  }

  convenience init(_ node: PatternNode) throws(PatternError) {
    try self.init(node, isLookahead: false)
  }

  private init(_ node: PatternNode, isLookahead: Bool) throws(PatternError) {
    let program = try PatternProgram(node)
    guard !isLookahead || program.lookaheads.isEmpty else {
      throw PatternError(reason: "look-ahead in a look-ahead")
    }
    partition = try ScalarPartition(program.sets)
    var lookaheads: [PatternAutomaton] = []
    for node in program.lookaheads { lookaheads.append(try Self(node, isLookahead: true)) }
    self.lookaheads = lookaheads
    var builder = AutomatonBuilder(program, partition)
    try builder.build()
    let transitions = builder.transitions
    let stateCount = builder.neededLookaheads.count
    let classes = (UInt8(0)..<0x80).map(partition.classify)
    let stride = partition.count + 1
    asciiTransitions =
      lookaheads.isEmpty
      ? (0..<stateCount).flatMap { state in classes.map { transitions[state * stride + $0] } } : []
    self.transitions = transitions
    starts = builder.starts
    hasOneStart = Set(starts).count == 1
    neededLookaheads = builder.neededLookaheads
  }
}
