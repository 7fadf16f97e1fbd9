/// What to do with a text that has more tokens than the model can read.
public enum Truncation: Sendable, Hashable {
  /// Throw an error.
  case refuse
  /// Cut the end of the text.
  case cutEnd
}

extension Truncation {
  /// The number of tokens to keep of each text. One text is cut at its end. Of a pair, the longer text is
  /// cut first, until both have the same length; then both are cut.
  ///
  /// - Source: the strategy "longest first" of the tokenizers library.
  static func keptCounts(_ counts: [Int], limit: Int) -> [Int] {
    guard counts.reduce(0, +) > limit else { return counts }
    guard counts.count == 2 else { return counts.map { min($0, limit) } }
    let isFirstLonger = counts[0] > counts[1]
    var shorter = min(counts[0], counts[1])
    var longer = shorter > limit ? shorter : max(shorter, limit - shorter)
    if shorter + longer > limit {
      shorter = limit / 2
      longer = shorter + limit % 2
    }
    return isFirstLonger ? [longer, shorter] : [shorter, longer]
  }
}
