/// Converts a program to a deterministic automaton, by the subset construction.
struct AutomatonBuilder {
  /// The threads before the next scalar is read.
  private struct State: Hashable {
    /// Instruction indices, by descending priority.
    var threads: [Int]
    /// The class of the previous scalar; nil if no thread needs it.
    var previous: Int?
  }

  private let program: PatternProgram
  private let partition: ScalarPartition
  private var states: [State] = [State(threads: [], previous: nil)]
  private var numbers: [State: Int] = [:]
  private var visits: [Int]
  private var visit = 0
  /// Number of instructions followed so far.
  private var work = 0
  private static let workLimit = 20_000_000

  private(set) var transitions: [UInt16] = []
  private(set) var starts: [UInt16] = []
  private(set) var neededLookaheads: [UInt8] = []

  init(_ program: PatternProgram, _ partition: ScalarPartition) {
    self.program = program
    self.partition = partition
    visits = [Int](repeating: 0, count: program.instructions.count)
    numbers[states[0]] = 0
  }

  mutating func build() throws(PatternError) {
    for previous in 0...partition.count {
      starts.append(UInt16(try number(of: [program.start], previous: previous)))
    }
    var state = 0
    while state < states.count {
      neededLookaheads.append(needs(states[state].threads).lookaheads)
      for next in 0...partition.count {
        for results in 0..<1 << program.lookaheads.count {
          try addTransition(from: states[state], on: next, results)
        }
      }
      state += 1
    }
  }

  private mutating func addTransition(
    from state: State, on next: Int, _ results: Int
  ) throws(PatternError) {
    let partition = partition
    var threads: [Int] = []
    let matches = try follow(
      state.threads, previous: state.previous ?? 0, next: next, results
    ) { instruction in
      if case .consume(let set, let target) = instruction, next < partition.count,
        partition.contains(set, next), !threads.contains(target)
      {
        threads.append(target)
      }
    }
    let target = try number(of: threads, previous: next)
    transitions.append(UInt16(target) | (matches ? PatternAutomaton.matchBit : 0))
  }

  /// Calls `body`, in order of priority, for each `consume` instruction that threads reach without
  /// consuming a scalar. Stops at a match, and returns whether there is one.
  private mutating func follow(
    _ threads: [Int], previous: Int, next: Int, _ results: Int,
    _ body: (PatternProgram.Instruction) -> Void
  ) throws(PatternError) -> Bool {
    visit += 1
    var stack = Array(threads.reversed())
    while let index = stack.popLast() {
      guard visits[index] != visit else { continue }
      visits[index] = visit
      work += 1
      guard work <= Self.workLimit else { throw PatternProgram.tooLarge }
      let instruction = program.instructions[index]
      switch instruction {
      case .match: return true
      case .consume: body(instruction)
      case .fork(let first, let second):
        stack.append(second)
        stack.append(first)
      case .assert(let side, let set, let holdsAtEdge, let target):
        let neighbor = side == .before ? previous : next
        let holds =
          neighbor == partition.count ? holdsAtEdge : partition.contains(set, neighbor)
        if holds { stack.append(target) }
      case .look(let lookahead, let isNegative, let target):
        if (results >> lookahead & 1 == 1) != isNegative { stack.append(target) }
      }
    }
    return false
  }

  /// Whether threads need the class of the previous scalar before they consume a scalar, and which
  /// look-aheads they need (as bits).
  private mutating func needs(_ threads: [Int]) -> (previous: Bool, lookaheads: UInt8) {
    visit += 1
    var result: (previous: Bool, lookaheads: UInt8) = (false, 0)
    var stack = threads
    while let index = stack.popLast() {
      guard visits[index] != visit else { continue }
      visits[index] = visit
      switch program.instructions[index] {
      case .match, .consume: break
      case .fork(let first, let second): stack += [first, second]
      case .assert(let side, _, _, let target):
        if side == .before { result.previous = true }
        stack.append(target)
      case .look(let lookahead, _, let target):
        result.lookaheads |= 1 << UInt8(lookahead)
        stack.append(target)
      }
    }
    return result
  }

  private mutating func number(of threads: [Int], previous: Int) throws(PatternError) -> Int {
    let state = State(threads: threads, previous: needs(threads).previous ? previous : nil)
    if let number = numbers[state] { return number }
    guard states.count < PatternAutomaton.stateLimit else {
      throw PatternError(reason: "more than \(PatternAutomaton.stateLimit) states")
    }
    numbers[state] = states.count
    states.append(state)
    return states.count - 1
  }
}
