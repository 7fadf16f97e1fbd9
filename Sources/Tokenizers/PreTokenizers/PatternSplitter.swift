/// Splits text at the matches of a pattern.
struct PatternSplitter: PreTokenizer {
  /// What happens to the matches.
  enum Behavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    /// Each match is a word; adjacent matches form one word.
    case contiguous = "Contiguous"
  }

  let pattern: TextPattern
  let behavior: Behavior
  /// Whether matches and the gaps between them swap roles.
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

  /// Merges adjacent parts according to `behavior`.
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
        // Of several adjacent matches, only the last one merges with the part after it.
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
