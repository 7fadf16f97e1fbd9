import Attention

/// An answer that is a part of a context.
public struct ExtractedAnswer: Sendable, Hashable {
  /// The text of the answer, exactly as in the context; empty if the context has no answer.
  public var text: String
  /// The probability of the start times the probability of the end, from 0 to 1.
  public var score: Float
  /// The range of the answer in the context, in Unicode scalars.
  public var range: Range<Int>

  /// The given answer.
  public init(text: String, score: Float, range: Range<Int>) {
    self.text = text
    self.score = score
    self.range = range
  }
}

/// How many answers are searched, and how long they are. The defaults are those of transformers' pipeline.
public struct AnswerOptions: Sendable, Hashable {
  /// The number of answers.
  public var count = 1
  /// Whether "no answer" is a result, for models trained on it, such as with SQuAD 2.0. Its score is the
  /// probability of the first token, the smallest of all windows.
  public var allowsNoAnswer = false
  /// The largest number of tokens of an answer.
  public var maxAnswerTokens = 15
  /// The largest number of tokens that the model reads at once, question included.
  public var maxLength = 384
  /// The number of tokens that two windows of a long context share.
  public var overlap = 128
  /// Whether an answer begins and ends at the borders of words, as the tokenizer splits them.
  public var alignsToWords = true

  /// The defaults.
  public init() {}

  /// - Throws: `AttentionError.argument` naming the first option that is out of range.
  func check() throws(AttentionError) {
    for (name, value, least) in [
      ("count", count, 1), ("maxAnswerTokens", maxAnswerTokens, 1), ("maxLength", maxLength, 1),
      ("overlap", overlap, 0),
    ] where value < least {
      throw .argument(name, reason: "expected at least \(least), got \(value)")
    }
  }
}
