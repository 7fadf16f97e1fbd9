/// A text that a model has generated.
public struct GeneratedText: Sendable, Hashable {
  /// The new text, without the prompt, and cut before a stop string. It may begin with a space: the
  /// prompt followed by this text is the decoded text of all tokens.
  public var text: String
  /// The new tokens, including the tokens that ended the text.
  public var tokens: [GeneratedToken]
  /// Why the text ends.
  public var finishReason: FinishReason
  /// The score of a beam search's result; see ``GeneratedTokens/score``.
  public var score: Float?
  /// The number of tokens of the prompt.
  public var promptTokenCount: Int
  /// The durations of prefill and decoding, including the work for other texts in the same batch.
  public var timings: GenerationTimings

  /// The number of new tokens.
  public var newTokenCount: Int { tokens.count }
  /// The ids of the new tokens.
  public var ids: [Int] { tokens.map(\.id) }
}

extension GeneratedText {
  /// A text without tokens.
  init(promptTokenCount: Int) {
    self.init(
      text: "", tokens: [], finishReason: .length, promptTokenCount: promptTokenCount,
      timings: GenerationTimings())
  }

  mutating func append(_ update: ResultUpdate) {
    text += update.text
    tokens += update.tokens
    finishReason = update.finishReason ?? finishReason
    score = update.score
    timings = update.timings
  }
}

/// A part of a text that is being generated.
public struct GeneratedPiece: Sendable, Hashable {
  /// The text of the piece, in whole characters; may be empty in the last piece.
  public var text: String
  /// The tokens since the previous piece.
  public var tokens: [GeneratedToken]
  /// The whole text, in the last piece only.
  public var result: GeneratedText?
}
