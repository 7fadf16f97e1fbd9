import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct TextStreamTests {
  @Test func `pieces are whole characters, and together the text`() async throws {
    let writing = " caf\u{E9} \u{1F600} fox"
    let generator = try TextFixtures.generator("gpt2", writing: writing, stop: "<|endoftext|>")
    let pieces = try await TextFixtures.pieces(of: generator.stream("Zz"))
    #expect(pieces.count > 4)
    #expect(pieces.map(\.text).joined() == writing)
    #expect(!pieces.contains { $0.text.unicodeScalars.contains("\u{FFFD}") })
    #expect(pieces.dropLast().allSatisfy { !$0.text.isEmpty && $0.result == nil })
    let whole = try generator.generate(["Zz"])[0][0]
    let result = try #require(pieces.last?.result)
    #expect(result.text == whole.text && result.tokens == whole.tokens)
    #expect(result.finishReason == whole.finishReason)
    #expect(result.promptTokenCount == whole.promptTokenCount)
    #expect(pieces.flatMap(\.tokens) == whole.tokens)
  }

  @Test func `no piece has the beginning of a stop string`() async throws {
    var options = GenerationOptions()
    for stop in ["x jumps", "fox jumps ov", " fox jump", "umps"] {
      options.stopStrings = [stop]
      let generator = try TextFixtures.generator(
        "gpt2", writing: " fox jumps over", stop: "<|endoftext|>", options: options)
      let pieces = try await TextFixtures.pieces(of: generator.stream("Zz"))
      let text = try #require(" fox jumps over".components(before: stop))
      #expect(pieces.map(\.text).joined() == text, "\(stop)")
      #expect(pieces.last?.result?.finishReason == .stopString(stop))
      #expect(pieces.last?.result?.text == text)
    }
  }

  @Test func `tokens are computed only when a piece is requested`() async throws {
    let generator = try TextFixtures.generator(
      "gpt2", writing: " fox jumps over", stop: "<|endoftext|>")
    let model = try #require(generator.model as? TableModel)
    let stream = generator.stream("Zz")
    var iterator = stream.makeAsyncIterator()
    #expect(model.calls.calls == 0)
    let first = try #require(try await iterator.next())
    #expect(model.calls.calls == first.tokens.count)
    for try await piece in stream {
      #expect(!piece.text.isEmpty)
      break
    }
    #expect(model.calls.calls == 2 * first.tokens.count)
  }

  @Test func `a task that is cancelled computes no further token`() async throws {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder("gpt2"))
    let model = TableModel(seed: 2, vocabularySize: tokenizer.idBound)
    var options = GenerationOptions()
    options.maxNewTokens = 1_000_000
    let generator = try TextGenerator(tokenizer: tokenizer, model: model, options: options)
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      for try await piece in generator.stream("a") where !piece.text.isEmpty { start.yield() }
    }
    for await _ in started { break }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let calls = model.calls.calls
    try await Task.sleep(for: .milliseconds(20))
    #expect(model.calls.calls == calls)
    #expect(calls < 100_000)
  }

  @Test(arguments: [1, 3])
  func `generate in a cancelled task does not call the model again`(beams: Int) async throws {
    var model = TableModel(seed: 2, vocabularySize: 30)
    // The model itself cancels the task, so that the task is still decoding.
    model.cancellingCall = 5
    var options = GenerationOptions()
    options.maxNewTokens = 1000
    options.beamCount = beams
    let task = Task { [options, model] in
      _ = try model.generate([[1]], options: options)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(model.calls.calls == 5)
  }

  @Test func `the first piece throws errors, and nothing follows`() async throws {
    let generator = try TextFixtures.generator("gpt2", writing: " fox", stop: "<|endoftext|>")
    var options = generator.options
    options.isSampling = true
    options.temperature = 0
    var iterator = generator.stream("a", options: options).makeAsyncIterator()
    await #expect(throws: AttentionError.self) { try await iterator.next() }
    #expect(try await iterator.next() == nil)
    options = generator.options
    options.beamCount = 2
    options.resultCount = 2
    var several = generator.stream("a", options: options).makeAsyncIterator()
    await #expect(throws: AttentionError.self) { try await several.next() }
  }

  @Test func `a beam search comes as one piece`() async throws {
    var options = GenerationOptions()
    options.beamCount = 2
    let generator = try TextFixtures.generator(
      "gpt2", writing: " fox jumps", stop: "<|endoftext|>", options: options)
    let pieces = try await TextFixtures.pieces(of: generator.stream("Zz"))
    #expect(pieces.map(\.text) == [" fox jumps"])
    #expect(pieces.first?.result?.text == " fox jumps")
    #expect(pieces.first?.result?.score != nil)
  }

  @Test func `a stream computes off its consumer's actor`() async throws {
    let generator = try TextFixtures.generator("gpt2", writing: " fox", stop: "<|endoftext|>")
    let text = try await joined(generator.stream("Zz"))
    #expect(text == " fox")
  }

  @MainActor private func joined(_ stream: GeneratedTextStream) async throws -> String {
    var text = ""
    for try await piece in stream { text += piece.text }
    return text
  }
}

extension String {
  /// The text before the first occurrence of another string.
  fileprivate func components(before other: String) -> String? {
    firstRange(of: other).map { String(self[..<$0.lowerBound]) }
  }
}
