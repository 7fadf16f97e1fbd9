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
  /// Whether the parts between matches count as the matches, and the matches as parts between them.
  let isInverted: Bool

  init(_ pattern: TextPattern, _ behavior: Behavior, isInverted: Bool = false) {
    self.pattern = pattern
    self.behavior = behavior
    self.isInverted = isInverted
  }

  func split(_ words: inout PreTokenizedText) {
    switch behavior {
    case .isolated: cut(&words, keepsMatches: true, keepsGaps: true)
    case .removed: cut(&words, keepsMatches: isInverted, keepsGaps: !isInverted)
    default: cutAndMerge(&words)
    }
  }

  private func cut(_ words: inout PreTokenizedText, keepsMatches: Bool, keepsGaps: Bool) {
    words.cut { bytes, piece, emit in
      var end = piece.lowerBound
      pattern.forEachMatch(in: bytes, piece) { match in
        if keepsGaps, end < match.lowerBound { emit(end..<match.lowerBound) }
        if keepsMatches, !match.isEmpty { emit(match) }
        end = match.upperBound
      }
      if keepsGaps, end < piece.upperBound { emit(end..<piece.upperBound) }
    }
  }

  private func cutAndMerge(_ words: inout PreTokenizedText) {
    words.cut { bytes, piece, emit in
      var joiner = Joiner(behavior: behavior)
      var end = piece.lowerBound
      pattern.forEachMatch(in: bytes, piece) { match in
        if end < match.lowerBound { joiner.add(end..<match.lowerBound, isInverted, emit) }
        joiner.add(match, !isInverted, emit)
        end = match.upperBound
      }
      if end < piece.upperBound { joiner.add(end..<piece.upperBound, isInverted, emit) }
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
      case .removed, .isolated:
        preconditionFailure("\(behavior.rawValue) merges nothing")
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
      if let open, !open.isEmpty { emit(open) }
      open = nil
    }

    private mutating func extend(_ part: Range<Int>, joins: Bool, _ emit: (Range<Int>) -> Void) {
      if let open, joins {
        self.open = open.lowerBound..<part.upperBound
      } else {
        finish(emit)
        open = part
      }
    }
  }
}
