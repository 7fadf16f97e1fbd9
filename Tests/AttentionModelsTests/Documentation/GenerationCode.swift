import Attention
import AttentionModels
import DemonstrationModels
import Foundation
import TestSupport
import Testing

/// The code of the article "Generate text", and its results.
struct GenerationCode {
  private let generator: TextGenerator

  init() throws { generator = try TextGenerator(DemonstrationModel.toyGPT2.directory()) }

  @Test func `greedy decoding continues a text with the model's options`() throws {
    let generator = try TextGenerator(DemonstrationModel.toyGPT2.directory())
    let result = try generator.generate("Once upon a time")
    let story = "Once upon a time" + result.text
    // Once upon a time there was a young teacher named Paul. He went to the
    // farm. He bought a big grey apple. He was very happy.
    #expect(
      story == "Once upon a time there was a young teacher named Paul. He went to the farm. "
        + "He bought a big grey apple. He was very happy.")
    #expect(result.finishReason == .eosToken(0) && result.promptTokenCount == 4)

    var options = generator.options  // at most 128 tokens, ended by token 0
    options.maxNewTokens = 10
    let shorter = try generator.generate("Once upon a time", options: options)
    // there was a young teacher named Paul. He went; finishReason: .length
    #expect(generator.options.maxLength == 128 && generator.options.eosTokens == [0])
    #expect(shorter.text == " there was a young teacher named Paul. He went")
    #expect(shorter.finishReason == .length && GenerationOptions().eosTokens == nil)
  }

  @Test func `prompts of different lengths are decoded as a batch`() throws {
    let prompts = [
      "The cat sat", "Tom went to the market", "Anna is a young teacher.",
    ]
    let endings = try generator.generate(prompts).map { $0[0].text }
    // in the garden because it was very tired. The horse stayed in the …
    // . He ate the cake. He was very happy. The mouse stayed in the house …
    // She lives in a new city. She went to the city. She bought a big grey …
    #expect(endings[0].hasPrefix(" in the garden because it was very tired. The horse stayed"))
    #expect(endings[1].hasPrefix(". He ate the cake. He was very happy. The mouse stayed"))
    #expect(endings[2].hasPrefix(" She lives in a new city. She went to the city. She bought"))
    let alone = try prompts.map { try generator.generate([$0])[0][0].text }
    #expect(endings == alone)
  }

  @Test func `sampling gives the same texts for the same seed`() throws {
    var sampling = generator.options
    sampling.isSampling = true
    sampling.temperature = 0.8
    sampling.topP = 0.95
    sampling.seed = 1
    sampling.resultCount = 2
    let sampled = try generator.generate(
      ["Once upon a time"], options: sampling)[0].map(\.text)
    // there was a tall doctor named Sam. He went to the market. It was a …
    // there was a tall sailor named Tom. He had a grey dog. He went to the …
    #expect(
      sampled == [
        " there was a tall doctor named Sam. He went to the market. It was a cold day. "
          + "He ate a blue orange. He was very happy.",
        " there was a tall sailor named Tom. He had a grey dog. He went to the market. "
          + "He saw a black cat. He was very happy.",
      ])
    let amongOthers = try generator.generate(["Tom", "Once upon a time"], options: sampling)[1]
    #expect(amongOthers.map(\.text) == sampled)
  }

  @Test func `a beam search returns its best texts with their scores`() throws {
    var beams = generator.options
    beams.beamCount = 4
    beams.resultCount = 2
    let best = try generator.generate(["Once upon a time"], options: beams)[0]
    let scored = best.map { ($0.score ?? 0, $0.text) }
    // -0.7788: there was an old doctor named Paul. … He bought a new grey …
    // -0.7798: there was an old doctor named Paul. … He bought a big grey …
    let start = " there was an old doctor named Paul. He went to the farm. He bought a"
    #expect(
      scored.map(\.1) == ["new", "big"].map { "\(start) \($0) grey apple. He was very happy." })
    #expect(largestDistance(scored.map(\.0), [-0.7788, -0.7798]) < 6e-5)
  }

  @Test func `a text ends before a stop string`() throws {
    var sentence = generator.options
    sentence.stopStrings = [".", "?"]
    let opening = try generator.generate("The cat sat", options: sentence)
    // in the garden because it was very tired; finishReason: .stopString(".")
    #expect(opening.text == " in the garden because it was very tired")
    #expect(opening.finishReason == .stopString("."))
  }

  @Test func `each token has its log-probability and alternatives`() throws {
    var detailed = generator.options
    detailed.logProbabilities = 3
    let first = try generator.generate("The cat sat", options: detailed).tokens[0]
    let shares = first.alternatives.map { choice in
      (generator.tokenizer.decode([choice.id]), exp(choice.logProbability))
    }
    // " in" 0.38, " on" 0.31, " under" 0.18
    #expect(shares.map(\.0) == [" in", " on", " under"])
    #expect(largestDistance(shares.map(\.1), [0.38, 0.31, 0.18]) < 6e-3)
    #expect(first.logProbability == first.alternatives[0].logProbability)
  }

  @Test func `a stream can be left early, and its last piece has the result`() async throws {
    var text = "The cat sat"
    for try await piece in generator.stream(text) {
      text += piece.text
      if text.hasSuffix(".") { break }
    }
    // The cat sat in the garden because it was very tired.
    #expect(text == "The cat sat in the garden because it was very tired.")

    var result: GeneratedText?
    for try await piece in generator.stream("The cat sat") { result = piece.result }
    let whole = try generator.generate("The cat sat")
    #expect(result?.ids == whole.ids && result?.text == whole.text)
  }

  @Test func `cancelling the reading task stops the computation`() async throws {
    let (shown, continuation) = AsyncStream.makeStream(of: Void.self)
    /// Displays a text slowly, as a distant terminal or browser does.
    @Sendable func show(_ text: String) async {
      continuation.yield()
      try? await Task.sleep(for: .seconds(600))
    }
    let generator = generator

    let storyTask = Task {
      var text = "Once upon a time"
      for try await piece in generator.stream(text) {
        text += piece.text
        await show(text)
      }
      return text
    }
    for await _ in shown { break }
    storyTask.cancel()
    let outcome = await storyTask.result  // .failure(CancellationError())
    #expect(throws: CancellationError.self) { try outcome.get() }
  }

  @Test func `special tokens become ids, and an empty prompt has a begin token`() throws {
    let marked = try generator.tokenizer.encode("<|endoftext|>Tom").ids
    // [0, 605]
    #expect(marked == [0, 605])
    let empty = try generator.generate("")
    #expect(empty.promptTokenCount == 1 && generator.options.bosToken == 0)
  }

  @Test func `a prompt that is too long throws an error with its index`() throws {
    let long = String(repeating: "The cat sat on the mat. ", count: 40)
    #expect(
      failureText { try generator.generate(["The cat sat", long]) }
        == "prompt 1: 281 tokens, longer than the limit of 128")
  }
}
