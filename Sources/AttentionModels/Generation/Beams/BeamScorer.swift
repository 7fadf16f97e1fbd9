import Foundation

/// The bookkeeping of a beam search for one prompt: the running beams, and the best texts that have ended.
///
/// The score s of a beam is the sum of its tokens' log-probabilities. Each step considers the k · beams
/// continuations with the largest s; k is one more than the number of EOS tokens, and at least 2. If one of
/// the first `beams` continuations ends, it competes with the texts that ended before, by s / (new tokens ^
/// length penalty). The best `beams` continuations that do not end keep running.
///
/// - Source: Hugging Face `transformers` 5, `GenerationMixin._beam_search`, which adds scores in single
///   precision as this type does.
struct BeamScorer {
  /// A beam with one possible next token.
  struct Candidate {
    let beam: Int
    let token: Int
    /// The sum of the log-probabilities, including the log-probability of the token.
    let score: Float
    /// Why the text ends with the token, if it does.
    let finishReason: FinishReason?
  }

  /// A text that has ended, or an empty slot.
  struct Ended {
    var score: Float
    /// nil for an empty slot.
    var result: Hypothesis?
  }

  /// The tokens of a text that has ended.
  struct Hypothesis {
    var tokens: [GeneratedToken]
    var finishReason: FinishReason
  }

  /// A finite value in place of −∞, as in `transformers`: less than any score.
  private static let never: Float = -1e9

  private let options: GenerationOptions
  private let startCount: Int
  private let maxLength: Int
  private var count: Int { options.beamCount }

  /// The sum of log-probabilities of each running beam.
  private(set) var scores: [Float]
  /// The new tokens of each running beam.
  private(set) var tokens: [[GeneratedToken]]
  /// The best texts that have ended, the best first.
  private(set) var ended: [Ended]
  /// Whether a running beam may still become better than the worst of `ended`.
  private var isImprovable = true
  /// Whether the search has ended.
  private(set) var isDone = false

  init(_ options: GenerationOptions, history: TokenHistory) {
    self.options = options
    startCount = history.startCount
    maxLength = history.maxLength
    // All beams begin with the same tokens: only the first may win, or each token would be chosen by
    // several beams.
    scores = [0] + Array(repeating: Self.never, count: options.beamCount - 1)
    tokens = Array(repeating: [], count: options.beamCount)
    ended = Array(repeating: Ended(score: Self.never), count: options.beamCount)
  }

  /// The number of candidates that a step needs.
  static func candidateCount(_ options: GenerationOptions) -> Int {
    max(2, 1 + options.allEOSTokens.count) * options.beamCount
  }

  /// Updates the beams and the ended texts.
  ///
  /// - Parameters:
  ///   - candidates: the best `candidateCount` candidates, or all if there are fewer; the best first.
  ///   - token: makes the token of a candidate that is kept.
  /// - Returns: the candidates that become the running beams, in order; none if the search is done.
  mutating func step(
    _ candidates: [Candidate], token: (Candidate) -> GeneratedToken
  ) -> [Candidate] {
    let length = (tokens.first?.count ?? 0) + 1
    // The best candidates that do not end. Candidates that end rank behind all others.
    let running = Self.best(
      count, of: candidates.map { $0.finishReason == nil ? $0.score : $0.score + Self.never })
    end(candidates, length: length, token: token)

    let next = running.map { candidates[$0] }
    scores = running.map {
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

  /// Merges the candidates that end into `ended`.
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

  /// The indices of the largest scores, the largest first; of equal scores, the lower index first.
  private static func best(_ count: Int, of scores: [Float]) -> [Int] {
    let order = scores.indices.sorted {
      scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1)
    }
    return Array(order.prefix(count))
  }
}
