import Foundation

/// A beam search for one prompt: the texts that are pursued, and the best that have ended.
///
/// With the score s of a text being the sum of its tokens' log-probabilities, each step takes of all
/// continuations the k · beams with the largest s, k being one more than there are stop tokens. Those of
/// the best `beams` that end compete, by s / (new tokens ^ length penalty), with what has ended before;
/// of the others the best `beams` go on.
///
/// - Source: Hugging Face `transformers` 5, `GenerationMixin._beam_search`, whose sums, in single
///   precision, these are.
struct BeamHypotheses {
  /// One possible next token of a text that is pursued.
  struct Candidate {
    /// The text, and the token.
    let beam: Int
    let token: Int
    /// The sum of log-probabilities, the token's included.
    let score: Float
    /// Why the text ends with the token, if it does.
    let finishReason: FinishReason?
  }

  /// A text that has ended, or nothing yet.
  struct Ended {
    var score: Float
    /// nil for what only keeps the place.
    var result: Hypothesis?
  }

  /// The tokens of a text that has ended.
  struct Hypothesis {
    var tokens: [GeneratedToken]
    var finishReason: FinishReason
  }

  /// What −∞ is to `transformers`: less than any score, but a number.
  private static let never: Float = -1e9

  private let options: GenerationOptions
  private let startCount: Int
  private let maxLength: Int
  private var count: Int { options.beamCount }

  /// The sums of log-probabilities of the texts that are pursued.
  private(set) var scores: [Float]
  /// Their new tokens.
  private(set) var tokens: [[GeneratedToken]]
  /// The best texts that have ended, the best first.
  private(set) var ended: [Ended]
  /// Whether none that goes on is expected to be better than those.
  private var isImprovable = true
  /// Whether the search has ended.
  private(set) var isDone = false

  init(_ options: GenerationOptions, history: TokenHistory) {
    self.options = options
    startCount = history.startCount
    maxLength = history.maxLength
    // All begin alike: only the first counts, lest every token be chosen several times.
    scores = [0] + Array(repeating: Self.never, count: options.beamCount - 1)
    tokens = Array(repeating: [], count: options.beamCount)
    ended = Array(repeating: Ended(score: Self.never), count: options.beamCount)
  }

  /// As many candidates as a step needs.
  static func candidateCount(_ options: GenerationOptions) -> Int {
    max(2, 1 + options.allEOSTokens.count) * options.beamCount
  }

  /// Takes the candidates, the best first, into account.
  ///
  /// - Parameters:
  ///   - candidates: `candidateCount` of them, or all.
  ///   - token: what is to be known of a candidate's token.
  /// - Returns: the candidates that go on, in order; none if the search is done.
  mutating func step(
    _ candidates: [Candidate], token: (Candidate) -> GeneratedToken
  ) -> [Candidate] {
    let length = (tokens.first?.count ?? 0) + 1
    // The best that have not ended; those that have stay in line behind them.
    let going = Self.best(
      count, of: candidates.map { $0.finishReason == nil ? $0.score : $0.score + Self.never })
    end(candidates, length: length, token: token)

    let next = going.map { candidates[$0] }
    scores = going.map {
      candidates[$0].score + (candidates[$0].finishReason == nil ? 0 : Self.never)
    }
    tokens = next.map { tokens[$0.beam] + [token($0)] }
    updateImprovable(length: length)
    isDone =
      !isImprovable || (isFull && options.earlyStopping == .whenFull)
      || candidates.allSatisfy { $0.finishReason != nil }
    return isDone ? [] : next
  }

  private var isFull: Bool { ended.allSatisfy { $0.result != nil } }

  /// The candidates that end take their place among those that have ended before.
  private mutating func end(
    _ candidates: [Candidate], length: Int, token: (Candidate) -> GeneratedToken
  ) {
    let isClosed = isFull && options.earlyStopping == .whenFull
    guard !isClosed, isImprovable else { return }
    let divisor = Float(pow(Double(length), Double(options.lengthPenalty)))
    var merged = ended
    for candidate in candidates.prefix(count) {
      guard let reason = candidate.finishReason else { continue }
      merged.append(
        Ended(
          score: candidate.score / divisor,
          result: Hypothesis(
            tokens: tokens[candidate.beam] + [token(candidate)], finishReason: reason)))
    }
    ended = Self.best(count, of: merged.map(\.score)).map { merged[$0] }
  }

  private mutating func updateImprovable(length: Int) {
    let reached =
      options.earlyStopping == .whenImpossible && options.lengthPenalty > 0
      ? maxLength - startCount : length
    let divisor = Float(pow(Double(reached), Double(options.lengthPenalty)))
    let possible = (scores.first ?? Self.never) / divisor
    let worst = ended.map(\.score).min() ?? Self.never
    isImprovable =
      isImprovable && ended.contains { possible > ($0.result == nil ? Self.never : worst) }
  }

  /// The indices of the largest scores, the largest first, of equal ones that which comes first.
  private static func best(_ count: Int, of scores: [Float]) -> [Int] {
    let order = scores.indices.sorted {
      scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1)
    }
    return Array(order.prefix(count))
  }
}
