/// A pattern as a deterministic automaton, which takes one step per scalar of the text.
///
/// A state is the list of live threads, by descending priority. When a thread matches, threads of lower
/// priority are dropped, because they cannot win. So the last match of a run is the match that a
/// backtracking matcher finds first.
///
/// - Source: Cox 2010, Regular expression matching in the wild (leftmost-first matching in RE2).
final class PatternAutomaton: Sendable {
  static let stateLimit = 512

  /// The state without threads: nothing can match.
  static let dead = 0
  /// Bit of a transition: a match ends before the scalar.
  static let matchBit: UInt16 = 0x8000

  let partition: ScalarPartition
  /// The next state and `matchBit`. Index: state, class of the next scalar (the last class is the end of
  /// the text), results of the look-aheads as bits.
  let transitions: [UInt16]
  /// The same transitions, with the index (state, ASCII scalar). Empty if the pattern has look-aheads.
  let asciiTransitions: [UInt16]
  /// The start state for each class of the previous scalar; the last one is for the start of the text.
  let starts: [UInt16]
  /// Whether all elements of `starts` are equal.
  let hasOneStart: Bool
  /// For each state, the look-aheads that it needs, as bits.
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
