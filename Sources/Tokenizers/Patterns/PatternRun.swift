/// Runs an automaton over one text from different starts, and records results of earlier runs, so that all
/// runs together take linear time.
///
/// A run records its state at regular intervals. A later run that reaches the same state at the same
/// position would continue in the same way, so it stops and uses the recorded result.
struct PatternRun {
  /// A state at a position.
  private struct Point: Hashable {
    var state: Int32
    /// Index of the interval; the position is the first scalar boundary in it.
    var interval: Int32
  }

  /// log₂ of the interval length in bytes.
  private var shift = 6
  /// For each point, whether a match ends at the point or after it.
  private var outcomes: [Point: Bool] = [:]
  /// The points of the current run.
  private var passed: [(point: Point, position: Int)] = []
  /// Maximum number of recorded points; beyond it, the interval length doubles.
  private let pointLimit: Int
  static let pointLimit = 1 << 20

  init(pointLimit: Int) { self.pointLimit = pointLimit }

  /// The end of the match that starts at `start`; −1 if there is none.
  ///
  /// - Parameters:
  ///   - ascii: the automaton's `asciiTransitions`.
  ///   - lookAhead: returns the results of the needed look-aheads at a position, as bits.
  @inline(__always)
  mutating func matchEnd(
    _ automaton: PatternAutomaton, _ bytes: Span<UInt8>, _ ascii: Span<UInt16>, from start: Int,
    to limit: Int, startState: Int, lookAhead: (_ position: Int, _ needed: UInt8) -> Int
  ) -> Int {
    let end = run(
      automaton, bytes, ascii, from: start, to: limit, startState, stopsAtMatch: false,
      lookAhead: lookAhead)
    if !passed.isEmpty { note(false, after: end) }
    return end
  }

  /// Whether a pattern without look-aheads matches at `start`.
  mutating func matches(
    _ automaton: PatternAutomaton, _ bytes: Span<UInt8>, from start: Int, to limit: Int,
    startState: Int
  ) -> Bool {
    let ascii = automaton.asciiTransitions
    let end = run(
      automaton, bytes, ascii.span, from: start, to: limit, startState, stopsAtMatch: true,
      lookAhead: { _, _ in 0 })
    if !passed.isEmpty { note(end >= 0, after: -1) }
    return end >= 0
  }

  /// The end of the last match of a run; −1 if there is none.
  @inline(__always)
  private mutating func run(
    _ automaton: PatternAutomaton, _ bytes: Span<UInt8>, _ ascii: Span<UInt16>, from start: Int,
    to limit: Int, _ startState: Int, stopsAtMatch: Bool, lookAhead: (Int, UInt8) -> Int
  ) -> Int {
    let lookaheadCount = automaton.lookaheads.count
    let stride = automaton.classCount &+ 1
    var state = startState
    var index = start
    var end = -1
    var stop = min(limit, boundary(after: start &+ 1 &<< shift))
    while true {
      while index < stop {
        let byte = bytes[index]
        let transition: UInt16
        var count = 1
        if lookaheadCount == 0, byte < 0x80 {
          let row = state &<< 7
          transition = ascii[row | Int(byte)]
          if Int(transition & ~PatternAutomaton.matchBit) == state {
            // Fast loop while the state does not change, as inside a word.
            repeat {
              index &+= 1
            } while index < stop && bytes[index] < 0x80
              && ascii[row | Int(bytes[index])] == transition
            if transition & PatternAutomaton.matchBit != 0 {
              end = index &- 1
              if stopsAtMatch { return end }
            }
            continue
          }
        } else {
          let scalar: UInt32
          (scalar, count) = decodeScalar(bytes, at: index)
          var entry = (state &* stride &+ automaton.partition.classify(scalar)) &<< lookaheadCount
          if lookaheadCount > 0, automaton.neededLookaheads[state] != 0 {
            entry |= lookAhead(index, automaton.neededLookaheads[state])
          }
          transition = automaton.transitions[entry]
        }
        if transition & PatternAutomaton.matchBit != 0 {
          end = index
          if stopsAtMatch { return end }
        }
        state = Int(transition & ~PatternAutomaton.matchBit)
        if state == PatternAutomaton.dead { return end }
        index &+= count
      }
      if index >= limit { break }
      stop = min(limit, boundary(after: index))
      let point = Point(state: Int32(state), interval: Int32(index >> shift))
      if let outcome = outcomes[point] { return stopsAtMatch && outcome ? index : end }
      passed.append((point, index))
    }
    var entry = (state &* stride &+ automaton.classCount) &<< lookaheadCount
    if lookaheadCount > 0, automaton.neededLookaheads[state] != 0 {
      entry |= lookAhead(limit, automaton.neededLookaheads[state])
    }
    return automaton.transitions[entry] & PatternAutomaton.matchBit != 0 ? limit : end
  }

  @inline(__always)
  private func boundary(after index: Int) -> Int { (index &>> shift &+ 1) &<< shift }

  /// Records the outcome of all points of the run after `end`.
  private mutating func note(_ outcome: Bool, after end: Int) {
    for (point, position) in passed where position > end { outcomes[point] = outcome }
    passed.removeAll(keepingCapacity: true)
    guard outcomes.count > pointLimit else { return }
    shift += 1
    var kept: [Point: Bool] = [:]
    for (point, outcome) in outcomes where point.interval % 2 == 0 {
      kept[Point(state: point.state, interval: point.interval / 2)] = outcome
    }
    outcomes = kept
  }
}
