import Attention
import AttentionCore
import Foundation

/// The search for the best answers in the windows of a context.
///
/// 1. p = softmax of the start logits over the tokens of the context and the first token; q for the end logits.
/// 2. The score of the tokens s … e is p(s) q(e), for s ≤ e with at most `maxAnswerTokens` tokens.
/// 3. The best tokens of each window become ranges of the context, extended to whole words.
/// 4. The scores of ranges with equal text are added.
struct AnswerSearch {
  private let text: ScalarText
  private let options: AnswerOptions
  private var answers: [ExtractedAnswer] = []
  /// The index in `answers` of each text in lower case.
  private var indices: [String: Int] = [:]
  /// The smallest p(0) q(0) of all windows.
  private var noAnswer: Double?

  private struct Candidate {
    var score: Double
    var start: Int
    var end: Int
  }

  init(context: String, options: AnswerOptions) {
    text = ScalarText(context)
    self.options = options
  }

  /// Adds the answers in a window.
  ///
  /// - Parameters:
  ///   - hasClassToken: whether the first token stands for "no answer".
  ///   - starts: the start logit of each token.
  ///   - ends: the end logit of each token.
  /// - Throws: `AttentionError.memory` for very long answers in a very long window.
  mutating func add(
    _ window: TextWindow, hasClassToken: Bool, starts: [Float], ends: [Float]
  ) throws {
    let first = hasClassToken ? [0] : []
    let p = Self.probabilities(starts, first + Array(window.tokens))
    let q = Self.probabilities(ends, first + Array(window.tokens))
    if hasClassToken { noAnswer = min(noAnswer ?? .infinity, p[0] * q[0]) }

    // The reference keeps some more candidates than answers, since several may have the same words.
    let all = try candidates(p, q, offset: first.count)
    let count = min(options.count, all.count)
    let limit = options.alignsToWords ? 2 * count + 10 : count
    let words = options.alignsToWords ? window.encoding.words : []
    for candidate in all.prefix(limit) {
      var (start, end) = (
        window.tokens.lowerBound + candidate.start, window.tokens.lowerBound + candidate.end
      )
      if options.alignsToWords {
        while start > window.tokens.lowerBound, words[start - 1] == words[start] { start -= 1 }
        while end + 1 < window.tokens.upperBound, words[end + 1] == words[end] { end += 1 }
      }
      let lower = window.encoding.offsets[start].lowerBound
      let upper = window.encoding.offsets[end].upperBound
      add(lower..<max(lower, upper), score: candidate.score)
    }
  }

  private mutating func add(_ range: Range<Int>, score: Double) {
    let answer = text[range]
    let key = answer.lowercased()
    if let index = indices[key] {
      answers[index].score += Float(score)
    } else {
      indices[key] = answers.count
      answers.append(ExtractedAnswer(text: answer, score: Float(score), range: range))
    }
  }

  /// The softmax of the logits at some positions.
  private static func probabilities(_ logits: [Float], _ positions: [Int]) -> [Double] {
    let largest = positions.map { logits[$0] }.max() ?? 0
    let powers = positions.map { exp(Double(logits[$0]) - Double(largest)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// All spans of the context's tokens, counted from 0, by descending score.
  private func candidates(_ p: [Double], _ q: [Double], offset: Int) throws -> [Candidate] {
    let count = p.count - offset
    let reach = min(options.maxAnswerTokens, count)
    try requireMemory(
      byteCount: 4 * count * reach * MemoryLayout<Candidate>.stride,
      purpose: "the possible answers in a window of \(count) tokens")
    let all = (0..<count).flatMap { start in
      (start..<start + min(reach, count - start)).map { end in
        Candidate(score: p[offset + start] * q[offset + end], start: start, end: end)
      }
    }
    return all.stablySorted(by: \.score, >)
  }

  /// The best answers by descending score.
  var best: [ExtractedAnswer] {
    var all = answers
    if options.allowsNoAnswer, let noAnswer {
      all.append(ExtractedAnswer(text: "", score: Float(noAnswer), range: 0..<0))
    }
    return Array(all.stablySorted(by: \.score, >).prefix(options.count))
  }
}
