import Attention
import AttentionCore

/// Finds the answer to a question as a part of a text, with an encoder that was trained to mark it (extractive
/// question answering).
///
/// ```swift
/// let answerer = try QuestionAnswerer(model: "deepset/roberta-base-squad2")
/// let answers = try answerer.answers(
///   to: "Where did the cat sit?", in: "The cat sat on the mat.")
/// print(answers[0])  // on the mat 0.87
/// ```
///
/// A context that is longer than the model is read in overlapping windows.
///
/// - Source: Devlin et al. 2018, section 4.2; `QuestionAnsweringPipeline` of transformers 4.
public struct QuestionAnswerer: ModelTask {
  /// The encoder with its head.
  public let extractor: AnswerExtractor
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { tokens.tokenizer }
  /// The longest sequence in tokens, including special tokens; `Int.max` for no limit.
  public var maxLength: Int { tokens.maxLength }

  private let tokens: EncoderTokens

  /// Loads the model in a folder.
  ///
  /// - Throws: as ``AnswerExtractor/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (extractor, tokens) = try EncoderTokens.load(
      directory, head: { try AnswerExtractor($0, format: format) }, encoder: \.encoder)
  }

  /// The best answers to a question.
  ///
  /// - Parameters:
  ///   - question: the question.
  ///   - context: the text that contains the answer.
  ///   - options: how many answers, and how long.
  /// - Returns: up to `options.count` answers by descending score. Answers of equal text are one, with the sum of
  ///   their scores.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for an empty question or context, or a question that leaves no
  ///   room for the context; `AttentionError.argument` naming an option; `AttentionError.memory`.
  /// - Complexity: the encoder's for all windows, and O(tokens · `options.maxAnswerTokens`).
  public func answers(
    to question: String, in context: String, options: AnswerOptions = AnswerOptions()
  ) throws -> [ExtractedAnswer] {
    try options.check()
    for (name, text) in [("question", question), ("context", context)]
    where text.allSatisfy(\.isWhitespace) {
      throw ModelError.text(name, reason: "no text")
    }
    let limit = min(maxLength, options.maxLength)
    let windows = try tokenizer.windows(
      of: context, after: question, maxLength: limit, overlap: min(options.overlap, limit / 2))
    for window in windows {
      try window.encoding.requireRows(tokens.vocabularySize, named: "question or context")
    }
    var search = AnswerSearch(context: context, options: options)
    try forEachResult(of: windows.map(\.encoding), isPerToken: true, extractor.callAsFunction) {
      index, rows in
      let window = windows[index]
      try search.add(
        window, hasClassToken: window.encoding.ids.first == tokenizer.classToken,
        starts: rows.map { $0[$0.startIndex] }, ends: rows.map { $0[$0.startIndex + 1] })
    }
    return search.best
  }

  /// The best answers to a question, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func answers(
    to question: String, in context: String, options: AnswerOptions = AnswerOptions()
  ) async throws -> [ExtractedAnswer] {
    try await BlockingWork.run { try self.answers(to: question, in: context, options: options) }
  }
}
