/// What a model has written.
public struct GeneratedText: Sendable, Hashable {
  /// The new text, without the prompt and before any stop string. Together with the prompt's it is what
  /// the tokenizer makes of all tokens: it may begin with a space.
  public var text: String
  /// The new tokens, with those that ended the text.
  public var tokens: [GeneratedToken]
  /// Why the text ends.
  public var finishReason: FinishReason
  /// Of a beam search, the score; see ``GeneratedTokens/score``.
  public var score: Float?
  /// How many tokens the prompt has.
  public var promptTokenCount: Int
  /// How long it took, together with the texts that were written at the same time.
  public var timings: GenerationTimings

  /// How many tokens were added.
  public var newTokenCount: Int { tokens.count }
  /// The new tokens' ids.
  public var ids: [Int] { tokens.map(\.id) }
}

/// Some more of a text that is being written.
public struct GeneratedPiece: Sendable, Hashable {
  /// Whole characters; of the last piece perhaps none.
  public var text: String
  /// The tokens that have come since the piece before.
  public var tokens: [GeneratedToken]
  /// The whole, with the last piece.
  public var result: GeneratedText?
}
