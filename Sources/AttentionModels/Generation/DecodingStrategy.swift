import Attention

/// Chooses the next tokens of the texts of one prompt: greedy, sampled, or by beam search.
protocol DecodingStrategy: Sendable {
  /// The largest number of sequences after the next step.
  var sequenceCount: Int { get }

  /// Chooses a token for each sequence of the prompt.
  ///
  /// - Parameter logits: one row for each sequence that the previous step continued, in order; before the
  ///   first step, the prompt is the only sequence.
  /// - Throws: `AttentionError.argument` naming "logits" if they rule out every token.
  mutating func step(
    _ logits: NextLogits, _ scratch: inout SamplingScratch
  ) throws -> StepOutput
}

/// The result of a step for one prompt.
struct StepOutput {
  var updates: [ResultUpdate] = []
  /// The sequences to keep, each with its next token. A sequence may occur several times: its
  /// continuations share its tokens so far. Empty when all texts have ended.
  var continued: [(sequence: Int, token: Int)] = []
}

/// What a step adds to one result of a prompt.
package struct ResultUpdate: Sendable {
  /// The index of the result among the results of its prompt.
  package let result: Int
  /// One token, or for a beam search all tokens of the result.
  package let tokens: [GeneratedToken]
  /// The text that is final after this step; empty while a character or a stop string may be incomplete.
  package let text: String
  /// Why the result ends; nil if it continues.
  package let finishReason: FinishReason?
  /// The score of a beam search's result.
  package var score: Float?
  /// The durations of the prompt so far.
  package var timings = GenerationTimings()
}

/// The logits of the tokens that follow the sequences of one prompt.
struct NextLogits {
  private let all: UnsafeBufferPointer<Float>
  private let vocabularySize: Int
  /// The rows of the prompt among the rows of all prompts.
  let rows: Range<Int>

  init(_ all: UnsafeBufferPointer<Float>, vocabularySize: Int, rows: Range<Int>) {
    self.all = all
    self.vocabularySize = vocabularySize
    self.rows = rows
  }

  /// The logits that follow a sequence of the prompt.
  subscript(sequence: Int) -> UnsafeBufferPointer<Float> {
    let start = (rows.lowerBound + sequence) * vocabularySize
    return UnsafeBufferPointer(rebasing: all[start..<start + vocabularySize])
  }

  /// Throws for NaN and +∞. −∞ is valid: the model rules out the token.
  ///
  /// - Throws: `AttentionError.argument` naming "logits".
  func requireFinite(prompt: Int) throws {
    for sequence in rows.indices {
      let row = self[sequence - rows.lowerBound]
      if let token = row.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
        throw AttentionError.argument(
          "logits", reason: "\(row[token]) for token \(token) of prompt \(prompt) is not finite")
      }
    }
  }
}
