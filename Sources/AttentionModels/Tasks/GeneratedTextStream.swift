import Attention

/// A generated text as an asynchronous sequence of pieces, each computed when it is requested.
///
/// Each iteration generates the text again.
public struct GeneratedTextStream: AsyncSequence, Sendable {
  /// A part of the text.
  public typealias Element = GeneratedPiece

  let generator: TextGenerator
  let text: String
  let options: GenerationOptions?
  let truncation: Truncation

  /// An iterator, which computes nothing before the first call of `next()`.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }

  /// Generates the pieces of a text, each when it is requested.
  public struct Iterator: AsyncIteratorProtocol {
    private let stream: GeneratedTextStream
    private var pieces: TextPieces?
    private var isDone = false

    init(_ stream: GeneratedTextStream) { self.stream = stream }

    /// The next piece, which has some text or is the last; nil after the last.
    ///
    /// - Throws: `CancellationError` in a task that has been cancelled, and the errors of
    ///   ``TextGenerator/generate(_:options:truncation:)-(String,_,_)``.
    public mutating func next() async throws -> GeneratedPiece? {
      guard !isDone else { return nil }
      do {
        // Other tasks can use this thread between tokens.
        await Task.yield()
        if pieces == nil {
          let generator = stream.generator
          pieces = try generator.pieces(
            of: stream.text, generator.plan(stream.options), truncation: stream.truncation)
        }
        let piece = try pieces?.next()
        isDone = piece?.result != nil
        if isDone { pieces = nil }
        return piece
      } catch {
        isDone = true
        pieces = nil
        throw error
      }
    }
  }
}

/// The pieces of one text, each computed when it is requested.
package struct TextPieces {
  private var loop: DecodingLoop
  private var result: GeneratedText

  init(_ prompt: [Int], _ plan: DecodingPlan, model: any LanguageModel) throws {
    guard plan.options.resultCount == 1 else {
      throw AttentionError.argument(
        "resultCount", reason: "expected 1 in a stream, got \(plan.options.resultCount)")
    }
    loop = DecodingLoop(model)
    try loop.admit([prompt], plan)
    result = GeneratedText(promptTokenCount: prompt.count)
  }

  /// The next piece, which has some text or is the last; nil after the last.
  ///
  /// - Throws: as `LanguageModel.generate(_:options:)`.
  package mutating func next() throws -> GeneratedPiece? {
    guard !loop.isEmpty else { return nil }
    var piece = GeneratedPiece(text: "", tokens: [])
    while piece.text.isEmpty, piece.result == nil, !loop.isEmpty {
      for event in try loop.step() {
        switch event {
        case .failure(_, let error): throw error
        case .update(_, let update):
          result.append(update)
          piece.text += update.text
          piece.tokens += update.tokens
          if update.finishReason != nil { piece.result = result }
        }
      }
    }
    return piece
  }
}
