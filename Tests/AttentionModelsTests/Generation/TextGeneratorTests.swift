import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Generators with the small tokenizers and models that generate a given text.
enum TextFixtures {
  /// A generator of `text` and the token `stop` after any prompt. No token may occur twice in the text.
  static func generator(
    _ family: String, writing text: String, stop: String, options: GenerationOptions? = nil
  ) throws -> TextGenerator {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder(family))
    let end = try #require(tokenizer.id(of: stop))
    let ids = try tokenizer.encode(text, addingSpecialTokens: false).ids + [end]
    try #require(Set(ids).count == ids.count, "each token once")
    var options = options ?? GenerationOptions()
    options.eosTokens = [end]
    options.maxNewTokens = options.maxNewTokens ?? 200
    return try TextGenerator(
      tokenizer: tokenizer,
      model: TableModel(writing: ids, vocabularySize: tokenizer.idBound), options: options)
  }

  /// All pieces of a stream.
  static func pieces(of stream: GeneratedTextStream) async throws -> [GeneratedPiece] {
    var pieces: [GeneratedPiece] = []
    for try await piece in stream { pieces.append(piece) }
    return pieces
  }
}

@Suite struct TextGeneratorTests {
  @Test func `the text continues the prompt, without special tokens`() throws {
    let gpt = try TextFixtures.generator("gpt2", writing: " fox jumps", stop: "<|endoftext|>")
    let text = try gpt.generate(["Zz"])[0][0]
    #expect(text.text == " fox jumps")
    #expect(text.finishReason == .eosToken(try #require(gpt.options.eosTokens?.first)))
    #expect(text.promptTokenCount == (try gpt.tokenizer.encode("Zz").ids.count))
    // Options without EOS tokens use the generator's EOS tokens.
    var others = GenerationOptions()
    others.maxNewTokens = 20
    #expect(try gpt.generate(["Zz"], options: others)[0][0].finishReason == text.finishReason)
    others.eosTokens = []
    #expect(try gpt.generate(["Zz"], options: others)[0][0].finishReason == .length)
    #expect(text.newTokenCount == text.tokens.count && text.ids.last == gpt.options.eosTokens?[0])
    #expect(text.timings.prefill > 0 && text.timings.decode > 0)
  }

  @Test func `only a prompt with a token that has no embedding is refused, by token, id and rows`()
    async throws
  {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder("roberta"))
    let mask = try #require(tokenizer.id(of: "<mask>"))
    try #require(tokenizer.idBound == mask + 1)
    let generator = try TextGenerator(
      tokenizer: tokenizer, model: TableModel(seed: 1, vocabularySize: mask))
    #expect(try generator.generate(["the fox"])[0][0].newTokenCount == 20)
    let all = failureText { try generator.generate(["the fox", "a <mask> b"]) }
    let task = failureText {
      try generator.perform(TextTask(name: "fill", prefix: "a "), ["<mask>"])
    }
    let cut = failureText { try generator.generate(["a <mask> b"], truncation: .cutEnd) }
    var streamed = ""
    do {
      _ = try await TextFixtures.pieces(of: generator.stream("<mask>"))
    } catch {
      streamed = "\(error)"
    }
    for (text, name) in [
      (all, "prompt 1"), (task, "prompt 0"), (cut, "prompt 0"), (streamed, "prompt"),
    ] {
      for word in ["\(name): ", "<mask>", "the id \(mask)", "\(mask) rows"] {
        #expect(text.contains(word), "\(text)")
      }
    }
  }

  @Test func `options can leave special tokens out of prompts`() throws {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder("llama3"))
    let generator = try TextGenerator(
      tokenizer: tokenizer, model: TableModel(seed: 1, vocabularySize: tokenizer.idBound))
    var options = GenerationOptions()
    func prompt(_ text: String, _ truncation: Truncation = .refuse) throws -> [Int] {
      try generator.prompt(text, options: options, truncation: truncation)
    }
    let begin = try #require(tokenizer.id(of: "<|begin_of_text|>"))
    let once = try prompt("the fox")
    #expect(once.first == begin)
    #expect(try prompt("<|begin_of_text|>the fox") == [begin] + once)
    options.addsSpecialTokens = false
    #expect(try prompt("<|begin_of_text|>the fox") == once)
    #expect(try prompt("the fox") == Array(once.dropFirst()))
    options.maxLength = once.count
    options.maxNewTokens = nil
    #expect(try prompt("<|begin_of_text|>the fox", .cutEnd).first == begin)
    // A prompt without tokens begins with the options' bosToken.
    options.bosToken = begin
    #expect(try prompt("") == [begin])
  }

  @Test func `prompt and text together are the decoded text of all tokens`() throws {
    for (family, stop) in [("gpt2", "<|endoftext|>"), ("llama2", "</s>"), ("t5", "</s>")] {
      let generator = try TextFixtures.generator(family, writing: "the fox", stop: stop)
      let prompt = "Zz"
      let text = try generator.generate([prompt])[0][0]
      let ids = try generator.tokenizer.encode(prompt).ids
      #expect(
        generator.tokenizer.decode(ids) + text.text == generator.tokenizer.decode(ids + text.ids),
        "\(family)")
    }
    // The first word is separated from the prompt.
    let llama = try TextFixtures.generator("llama2", writing: "fox", stop: "</s>")
    #expect(try llama.generate(["Zz"])[0][0].text == " fox")
  }

  @Test func `a text is cut before the first stop string, and ends there`() throws {
    var options = GenerationOptions()
    options.stopStrings = ["ox ju", "zzz"]
    for beams in [1, 2] {
      options.beamCount = beams
      let generator = try TextFixtures.generator(
        "gpt2", writing: " fox jumps", stop: "<|endoftext|>", options: options)
      let text = try generator.generate(["Zz"])[0][0]
      #expect(text.text == " f")
      #expect(text.finishReason == .stopString("ox ju"))
      // The token that completed the stop string is the last.
      #expect(generator.tokenizer.decode(text.ids).contains("ox ju"))
      #expect(!generator.tokenizer.decode(text.ids.dropLast()).contains("ox ju"))
    }
  }

  @Test func `a stop string that is complete with the last token allowed counts`() throws {
    var options = GenerationOptions()
    options.stopStrings = ["fox jumps"]
    let generator = try TextFixtures.generator(
      "gpt2", writing: " fox jumps", stop: "<|endoftext|>", options: options)
    options = generator.options
    let count = try generator.tokenizer.encode(" fox jumps").ids.count
    options.maxNewTokens = count
    let text = try generator.generate(["Zz"], options: options)[0][0]
    #expect(text.finishReason == .stopString("fox jumps") && text.text == " ")
    options.maxNewTokens = count - 1
    let shorter = try generator.generate(["Zz"], options: options)[0][0]
    #expect(shorter.finishReason == .length)
    // The text that was held back is released.
    #expect(shorter.text == generator.tokenizer.decode(shorter.ids))
  }

  @Test func `an empty prompt begins with the bosToken, or is refused`() throws {
    let generator = try TextFixtures.generator("gpt2", writing: " fox", stop: "<|endoftext|>")
    #expect(failureText { try generator.generate(["a", ""]) }.contains("prompt 1"))
    var options = generator.options
    options.bosToken = options.eosTokens?[0]
    let text = try generator.generate([""], options: options)[0][0]
    #expect(text.text == " fox" && text.promptTokenCount == 1)
  }

  @Test func `a prompt that is too long is refused, or cut on request`() throws {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder("gpt2"))
    var model = TableModel(seed: 1, vocabularySize: tokenizer.idBound)
    model.maxLength = 12
    let generator = try TextGenerator(tokenizer: tokenizer, model: model)
    let long = String(repeating: "fox ", count: 50)
    let text = failureText { try generator.generate(["a", long]) }
    #expect(text.contains("prompt 1: ") && text.contains("longer than the limit of 12"), "\(text)")
    // A prompt of a decoder leaves room for new tokens.
    for (newTokens, kept) in [(1, 11), (3, 9), (6, 6), (50, 6)] {
      var options = GenerationOptions()
      options.maxNewTokens = newTokens
      let cut = try generator.generate([long], options: options, truncation: .cutEnd)[0][0]
      #expect(cut.promptTokenCount == kept && cut.newTokenCount == 12 - kept, "\(newTokens)")
    }
    var options = GenerationOptions()
    options.maxLength = 8
    let short = try generator.generate([long], options: options, truncation: .cutEnd)[0][0]
    #expect(short.promptTokenCount == 4 && short.newTokenCount == 4)
    model.startToken = 0
    let encoding = try TextGenerator(tokenizer: tokenizer, model: model)
    let cut = try encoding.generate([long], truncation: .cutEnd)[0][0]
    #expect(cut.promptTokenCount == 12)
    #expect(cut.finishReason == .length && cut.newTokenCount == 11)
  }

  @Test func `a tokenizer that has more ids than the model is refused with both numbers`() throws {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder("gpt2"))
    let text = failureText {
      try TextGenerator(tokenizer: tokenizer, model: TableModel(seed: 1, vocabularySize: 20))
    }
    #expect(text.contains("600") && text.contains("20"), "\(text)")
  }

  @Test func `several results are in the order of their scores`() throws {
    let tokenizer = try Tokenizer(directory: TokenizerFamilies.folder("gpt2"))
    let generator = try TextGenerator(
      tokenizer: tokenizer,
      model: TableModel(seed: 3, vocabularySize: tokenizer.idBound))
    var options = GenerationOptions()
    options.beamCount = 3
    options.resultCount = 3
    options.maxNewTokens = 5
    let texts = try generator.generate(["a", "the fox"], options: options)
    #expect(texts.map(\.count) == [3, 3])
    for texts in texts {
      let scores = texts.compactMap(\.score)
      #expect(scores.count == 3 && scores == scores.sorted(by: >))
    }
    for (prompt, texts) in zip(["a", "the fox"], texts) {
      let ids = try tokenizer.encode(prompt).ids
      for text in texts {
        #expect(tokenizer.decode(ids) + text.text == tokenizer.decode(ids + text.ids))
      }
    }
  }
}
