import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct GenerationOptionTests {
  @Test func `an error names each invalid option`() {
    let cases: [(String, String, (inout GenerationOptions) -> Void)] = [
      ("maxNewTokens", "got 0", { $0.maxNewTokens = 0 }),
      ("maxNewTokens", "got -1", { $0.maxNewTokens = -1 }),
      ("maxLength", "got 0", { $0.maxLength = 0 }),
      ("minNewTokens", "got -1", { $0.minNewTokens = -1 }),
      ("minLength", "got -1", { $0.minLength = -1 }),
      ("beamCount", "got 0", { $0.beamCount = 0 }),
      ("beamCount", "got 1000000", { $0.beamCount = 1_000_000 }),
      ("resultCount", "got 0", { $0.resultCount = 0 }),
      ("resultCount", "expected 1 for greedy decoding", { $0.resultCount = 2 }),
      (
        "resultCount", "at most beamCount 2, got 3",
        {
          $0.beamCount = 2
          $0.resultCount = 3
        }
      ),
      ("noRepeatNGramSize", "got -2", { $0.noRepeatNGramSize = -2 }),
      ("promptNoRepeatNGramSize", "got -2", { $0.promptNoRepeatNGramSize = -2 }),
      ("logProbabilities", "got -1", { $0.logProbabilities = -1 }),
      ("repetitionPenalty", "above 0, got 0.0", { $0.repetitionPenalty = 0 }),
      ("frequencyPenalty", "got nan", { $0.frequencyPenalty = .nan }),
      ("presencePenalty", "got -inf", { $0.presencePenalty = -.infinity }),
      ("stopStrings", "string 1 is empty", { $0.stopStrings = ["a", ""] }),
      ("forcedFirstToken", "id 9 is out of range", { $0.forcedFirstToken = 9 }),
      ("forcedLastTokens", "id 9", { $0.forcedLastTokens = [9] }),
      ("bannedSequences", "id 9", { $0.bannedSequences = [[1, 9]] }),
      ("bannedSequences", "sequence 0 is empty", { $0.bannedSequences = [[]] }),
    ]
    let model = TableModel(seed: 1, vocabularySize: 9)
    for (name, words, change) in cases {
      var options = GenerationOptions()
      change(&options)
      let text = failureText { try model.generate([[1]], options: options) }
      #expect(text.hasPrefix("\(name): ") && text.contains(words), "\(text)")
    }
    #expect(throws: Never.self) { try GenerationOptions().check(vocabularySize: 1) }
  }

  /// Options that have an effect only with sampling, or only with beams: name, words, change.
  private static let modal:
    [(
      isSampling: Bool, name: String, words: String,
      change: @Sendable (inout GenerationOptions) -> Void
    )] = [
      (true, "topK", "got 0", { $0.topK = 0 }),
      (true, "topK", "got -1", { $0.topK = -1 }),
      (true, "temperature", "above 0, got 0.0", { $0.temperature = 0 }),
      (true, "temperature", "above 0, got -1.0", { $0.temperature = -1 }),
      (true, "temperature", "got nan", { $0.temperature = .nan }),
      (true, "temperature", "got inf", { $0.temperature = .infinity }),
      (true, "topP", "0...1, got 1.5", { $0.topP = 1.5 }),
      (true, "topP", "got -0.1", { $0.topP = -0.1 }),
      (true, "topP", "got nan", { $0.topP = .nan }),
      (true, "minP", "got 2.0", { $0.minP = 2 }),
      (false, "lengthPenalty", "got nan", { $0.lengthPenalty = .nan }),
    ]

  @Test func `options of sampling and of beams are checked only there`() throws {
    let model = TableModel(seed: 1, vocabularySize: 9)
    for (isSampling, name, words, change) in Self.modal {
      var options = GenerationOptions()
      change(&options)
      #expect(
        try model.generate([[1]], options: options)[0][0].ids
          == model.generate([[1]], options: GenerationOptions())[0][0].ids, "\(name)")
      if isSampling { options.isSampling = true } else { options.beamCount = 2 }
      let text = failureText { try model.generate([[1]], options: options) }
      #expect(text.hasPrefix("\(name): ") && text.contains(words), "\(text)")
    }
  }

  @Test func `tokens outside the vocabulary neither end a text nor are suppressed`() throws {
    let model = TableModel(seed: 1, vocabularySize: 9)
    let plain = try model.generate([[1]], options: GenerationOptions())[0][0]
    for beams in [1, 2] {
      var options = GenerationOptions()
      options.beamCount = beams
      let wanted = try model.generate([[1]], options: options)[0][0]
      options.eosTokens = [9, -1, 50_256]
      options.suppressedTokens = [-1, 9]
      options.beginSuppressedTokens = [-1, 9]
      options.bosToken = 9
      options.minNewTokens = 3
      #expect(try model.generate([[1]], options: options)[0][0].ids == wanted.ids)
      #expect(wanted.finishReason == .length)
    }
    #expect(plain.ids.count == 20)
  }

  @Test func `a minimum above the maximum of new tokens only keeps a text from ending`() throws {
    let model = TableModel(seed: 1, vocabularySize: 9)
    var options = GenerationOptions()
    options.eosTokens = Array(0..<4)
    options.maxNewTokens = 6
    options.minNewTokens = 9
    let ids = try model.generate([[1]], options: options)[0][0].ids
    #expect(ids.count == 6 && ids.allSatisfy { $0 >= 4 })
  }

  @Test func `a stop string without a tokenizer is refused`() {
    var options = GenerationOptions()
    options.stopStrings = ["x"]
    let model = TableModel(seed: 1, vocabularySize: 9)
    #expect(failureText { try model.generate([[1]], options: options) }.contains("tokenizer"))
  }

  @Test func `errors have the index of a prompt that is empty or leaves no room`() {
    var model = TableModel(seed: 1, vocabularySize: 9)
    model.maxLength = 4
    var options = GenerationOptions()
    let long = failureText { [model] in
      try model.generate([[1], [1, 2, 3, 4]], options: options)
    }
    #expect(long.contains("prompt 1: 4 tokens, longer than the limit of 3"), "\(long)")
    options.maxLength = 2
    let limited = failureText { [model] in try model.generate([[1, 2]], options: options) }
    #expect(limited.contains("prompt 0: 2 tokens, longer than the limit of 1"), "\(limited)")
    let empty = failureText { [model] in try model.generate([[1], []], options: options) }
    #expect(empty.contains("prompt 1"), "\(empty)")
    // The index among all prompts, not among the prompts that are decoded together.
    let many = Array(repeating: [1], count: 70) + [[1, 2]]
    let last = failureText { [model] in try model.generate(many, options: options) }
    #expect(last.contains("prompt 70: "), "\(last)")
  }

  @Test func `a text ends when the model has no more room`() throws {
    var model = TableModel(seed: 1, vocabularySize: 9)
    model.maxLength = 7
    var options = GenerationOptions()
    options.maxNewTokens = 100
    for beams in [1, 3] {
      options.beamCount = beams
      let texts = try model.generate([[1, 2, 3]], options: options)
      #expect(texts[0][0].ids.count == 4)
      #expect(texts[0][0].finishReason == .length)
    }
  }

  @Test func `logits that are not finite are refused, and those of minus infinity are not`() throws
  {
    for (value, word) in [(Float.nan, "nan"), (.infinity, "inf")] {
      for beams in [1, 2] {
        var model = TableModel(seed: 1, vocabularySize: 9)
        model.table[1 * 9 + 5] = value
        var options = GenerationOptions()
        options.beamCount = beams
        let text = failureText { [model] in try model.generate([[1]], options: options) }
        #expect(
          text.hasPrefix("logits: \(word) for token 5 of prompt 0 is not finite"), "\(text)")
      }
    }
    var model = TableModel(seed: 1, vocabularySize: 9)
    for index in model.table.indices where index % 9 != 4 { model.table[index] = -.infinity }
    for isSampling in [false, true] {
      var options = GenerationOptions()
      options.isSampling = isSampling
      options.maxNewTokens = 3
      #expect(try model.generate([[1]], options: options)[0][0].ids == [4, 4, 4])
    }
  }

  @Test func `an error says that no token is left`() {
    let model = TableModel(
      table: Array(repeating: -.infinity, count: 3 * 81), vocabularySize: 9)
    for (isSampling, beams) in [(false, 1), (true, 1), (false, 2), (true, 2)] {
      var options = GenerationOptions()
      options.isSampling = isSampling
      options.beamCount = beams
      let text = failureText { try model.generate([[1]], options: options) }
      #expect(text.contains("allow no token"), "\(text)")
    }
    var options = GenerationOptions()
    options.suppressedTokens = Array(0..<9)
    for beams in [1, 2] {
      options.beamCount = beams
      let text = failureText {
        try TableModel(seed: 1, vocabularySize: 9).generate([[1]], options: options)
      }
      #expect(text.contains("allow no token"), "\(text)")
    }
  }

  @Test func `the defaults are the defaults of transformers`() {
    let options = GenerationOptions()
    #expect(options.topK == 50 && options.topP == 1 && options.minP == 0)
    #expect(options.temperature == 1 && !options.isSampling && options.beamCount == 1)
    #expect(options.lengthPenalty == 1 && options.repetitionPenalty == 1)
  }
}
