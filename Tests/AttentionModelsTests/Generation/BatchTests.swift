import Attention
import Testing

@testable import AttentionModels

@Suite struct BatchTests {
  private let prompts = (0..<90).map { index in
    (0...index % 5).map { (index * 7 + $0 * 3) % 40 }
  }

  @Test func `many prompts together have the same texts as one by one, in order`() throws {
    let model = TableModel(seed: 21, vocabularySize: 40, stops: [1], stopBias: 3)
    for (isSampling, beams, count) in [(false, 1, 1), (true, 1, 2), (false, 3, 2), (true, 3, 3)] {
      var options = GenerationOptions()
      options.isSampling = isSampling
      options.beamCount = beams
      options.resultCount = count
      options.eosTokens = [1]
      options.noRepeatNGramSize = 2
      options.seed = 5
      let together = try model.generate(prompts, options: options)
      #expect(together.count == prompts.count)
      for (prompt, texts) in zip(prompts, together) {
        #expect(try model.generate([prompt], options: options) == [texts])
      }
      #expect(Set(together.map { $0[0].ids.count }).count > 2, "ends differ")
    }
    #expect(try model.generate([], options: GenerationOptions()).isEmpty)
  }

  @Test func `no more tokens are computed for a text that has ended`() throws {
    let model = TableModel(seed: 21, vocabularySize: 40, stops: [1], stopBias: 3)
    var options = GenerationOptions()
    options.eosTokens = [1]
    options.maxNewTokens = 50
    let prompts = Array(prompts.prefix(20))
    let texts = try model.generate(prompts, options: options)
    // The model reads each prompt once, and every token of each text except the last.
    let tokens = prompts.joined().count + texts.reduce(0) { $0 + $1[0].tokens.count - 1 }
    #expect(model.calls.tokens == tokens)
    #expect(model.calls.calls == texts.map { $0[0].tokens.count }.max())
  }

  @Test func `an encoder–decoder's prompts are encoded once, and its start token is counted`()
    throws
  {
    var model = TableModel(seed: 30, vocabularySize: 40)
    model.startToken = 0
    model.maxLength = 10
    var options = GenerationOptions()
    options.beamCount = 2
    options.maxLength = 6
    let prompts = [[5, 6, 7, 8, 9, 10, 11, 12, 13], [14]]
    let texts = try model.generate(prompts, options: options)
    #expect(texts.map { $0[0].ids.count } == [5, 5])
    // Encoded: 10 tokens. Decoded: two start tokens, then four more of four beams.
    #expect(model.calls.tokens == 10 + 2 + 4 * 4)
    // Every text begins with the start token alone.
    #expect(texts[0] == texts[1])
    options.forcedFirstToken = 7
    options.beginSuppressedTokens = [texts[0][0].ids[0]]
    #expect(try model.generate(prompts, options: options).allSatisfy { $0[0].ids[0] == 7 })
  }

  @Test func `many tasks use one model at once`() async throws {
    let model = TableModel(seed: 21, vocabularySize: 40, stops: [1], stopBias: 3)
    var options = GenerationOptions()
    options.isSampling = true
    options.seed = 1
    options.eosTokens = [1]
    let expected = try model.generate(prompts, options: options)
    try await withThrowingTaskGroup { [options] group in
      for _ in 0..<16 {
        group.addTask { try model.generate(prompts, options: options) }
      }
      for try await texts in group { #expect(texts == expected) }
    }
  }
}
