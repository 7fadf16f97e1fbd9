/// Cuts text where a pattern matches.
struct PatternSplitter: PreTokenizer {
  /// What becomes of the matches.
  enum Behavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    /// Matches that touch are one word.
    case contiguous = "Contiguous"
  }

  let pattern: TextPattern
  let behavior: Behavior
  /// Whether what stands between matches counts as the match, and the matches as what is between.
  let isInverted: Bool

  init(_ pattern: TextPattern, _ behavior: Behavior, isInverted: Bool = false) {
    self.pattern = pattern
    self.behavior = behavior
    self.isInverted = isInverted
  }

  func split(_ words: inout PreTokenizedText) {
    guard case .words(let pattern) = pattern, keepsEachMatch(of: pattern) else {
      return splitGenerally(&words)
    }
    words.cut { bytes, piece, emit in
      var index = piece.lowerBound
      while let match = pattern.nextMatch(in: bytes, from: index, to: piece.upperBound) {
        emit(match)
        index = match.upperBound
      }
    }
  }

  /// The common case: every match is a word, and what is between matches, if anything, is dropped.
  private func keepsEachMatch(of pattern: WordPattern) -> Bool {
    if behavior == .removed { return isInverted }
    if case .skipped = pattern.spaces { return false }
    return behavior == .isolated
  }

  private func splitGenerally(_ words: inout PreTokenizedText) {
    words.cut { bytes, piece, emit in
      var joiner = Joiner(behavior: behavior)
      var index = piece.lowerBound
      while index < piece.upperBound,
        let match = pattern.nextMatch(in: bytes, from: index, to: piece.upperBound)
      {
        if index < match.lowerBound { joiner.add(index..<match.lowerBound, isInverted, emit) }
        joiner.add(match, !isInverted, emit)
        index = match.upperBound
      }
      if index < piece.upperBound { joiner.add(index..<piece.upperBound, isInverted, emit) }
      joiner.finish(emit)
    }
  }

  /// Puts neighbouring parts together as the behavior asks.
  private struct Joiner {
    let behavior: Behavior
    private var open: Range<Int>?
    private var wasMatch = false

    init(behavior: Behavior) { self.behavior = behavior }

    mutating func add(_ part: Range<Int>, _ isMatch: Bool, _ emit: (Range<Int>) -> Void) {
      switch behavior {
      case .removed:
        if !isMatch { emit(part) }
      case .isolated:
        emit(part)
      case .contiguous:
        extend(part, joins: isMatch == wasMatch, emit)
      case .mergedWithPrevious:
        extend(part, joins: isMatch && !wasMatch, emit)
      case .mergedWithNext:
        // Of matches that touch, the last one goes with the part after them.
        extend(part, joins: wasMatch && !isMatch, emit)
      }
      wasMatch = isMatch
    }

    mutating func finish(_ emit: (Range<Int>) -> Void) {
      if let open { emit(open) }
      open = nil
    }

    private mutating func extend(_ part: Range<Int>, joins: Bool, _ emit: (Range<Int>) -> Void) {
      if let open, joins {
        self.open = open.lowerBound..<part.upperBound
      } else {
        if let open { emit(open) }
        open = part
      }
    }
  }
}
