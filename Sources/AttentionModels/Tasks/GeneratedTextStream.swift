import Attention

/// A text that is written while it is read: an asynchronous sequence of its pieces.
///
/// Each iteration writes the text anew.
public struct GeneratedTextStream: AsyncSequence, Sendable {
  /// Some more of the text.
  public typealias Element = GeneratedPiece

  let generator: TextGenerator
  let text: String
  let options: GenerationOptions
  let truncation: Truncation

  /// Begins to write; nothing is computed before the first piece is asked for.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }

  /// Writes a text as its pieces are asked for.
  public struct Iterator: AsyncIteratorProtocol {
    private let stream: GeneratedTextStream
    private var writer: PieceWriter?
    private var isDone = false

    init(_ stream: GeneratedTextStream) { self.stream = stream }

    /// The next piece, which has some text or is the last; nil after that.
    ///
    /// - Throws: `CancellationError` in a task that has been cancelled, and what
    ///   ``TextGenerator/generate(_:options:truncation:)`` throws.
    public mutating func next() async throws -> GeneratedPiece? {
      guard !isDone else { return nil }
      do {
        // Others get their turn on this thread between tokens.
        await Task.yield()
        let writer = try writer ?? PieceWriter(stream)
        let piece = try writer.next()
        isDone = piece.result != nil
        self.writer = isDone ? nil : writer
        return piece
      } catch {
        isDone = true
        writer = nil
        throw error
      }
    }
  }
}

/// Writes one text, piece by piece.
///
/// A reference, lest keys and values be copied with an iterator.
final class PieceWriter {
  private var run: DecodingLoop?
  private let stream: GeneratedTextStream
  private let prompt: [Int]
  private var clock = GenerationClock()
  private var output = Generation.Output(
    tokens: GeneratedTokens(tokens: [], finishReason: .length))

  init(_ stream: GeneratedTextStream) throws {
    self.stream = stream
    let generator = stream.generator
    let options = stream.options
    try options.check(vocabularySize: generator.model.vocabularySize)
    guard options.resultCount == 1 else {
      throw AttentionError.argument(
        "resultCount", reason: "expected 1 in a stream, got \(options.resultCount)")
    }
    prompt = try generator.prompt(
      stream.text, named: "prompt", options: options, truncation: stream.truncation)
    guard options.beamCount == 1 else { return }
    run = try DecodingLoop(
      generator.model, prompts: [prompt], options: options, format: generator.format)
  }

  /// The next piece that has text, or the last.
  func next() throws -> GeneratedPiece {
    guard run != nil else { return try search() }
    var piece = GeneratedPiece(text: "", tokens: [])
    while let event = try run?.step().first {
      clock.tick()
      piece.text += event.text
      piece.tokens.append(event.token)
      output.text += event.text
      output.tokens.tokens.append(event.token)
      if let reason = event.finishReason {
        output.tokens.finishReason = reason
        piece.result = GeneratedText(clock.timed(output), promptTokenCount: prompt.count)
        break
      }
      if !piece.text.isEmpty { break }
    }
    return piece
  }

  private func search() throws -> GeneratedPiece {
    let generator = stream.generator
    let outputs = try Generation(
      generator.model, options: stream.options, format: generator.format
    ).run([prompt])
    guard let output = outputs.first?.first else {
      throw GenerationBatch.noToken(after: TokenHistory(start: [], prompt: [], maxLength: 0))
    }
    let text = GeneratedText(output, promptTokenCount: prompt.count)
    return GeneratedPiece(text: text.text, tokens: text.tokens, result: text)
  }
}
