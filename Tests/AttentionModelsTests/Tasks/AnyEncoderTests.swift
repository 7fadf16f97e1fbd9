import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Tasks and registry with encoders of any family.
@Suite struct AnyEncoderTests {
  @Test func `the registry loads by model type`() throws {
    let folder = try SentenceFixture.folder("mean")
    let directory = try ModelDirectory(path: folder.path)
    let encoder = try EncoderModels.load(directory)
    let bert = try #require(encoder as? BERT)
    #expect(encoder.hiddenSize == 24 && encoder.vocabularySize == 75)
    #expect(encoder.contextLength == 24 && encoder.layerCount == 2 && encoder.headCount == 3)
    let fixture = try BERTFixture("plain")
    #expect(
      try encoder(fixture.tokens).hiddenStates == bert(fixture.tokens).hiddenStates)
    #expect(
      EncoderModels.architectures == [
        "albert", "bert", "camembert", "deberta-v2", "distilbert", "electra", "gemma3_text",
        "gte", "modernbert", "mpnet", "new", "nomic_bert", "qwen3", "roberta", "xlm-roberta",
      ])
  }

  @Test func `an unknown architecture is refused with the supported ones`() throws {
    let folder = try SentenceFixture.folder("mean")
    try folder.edit("config.json", replacing: "\"bert\"", with: "\"gpt2\"")
    for text in [
      failureText { try EncoderModels.load(ModelDirectory(path: folder.path)) },
      failureText { try SentenceEmbedder(model: folder.path) },
    ] {
      for word in [
        "config.json", "architecture gpt2",
        "(supported: embedding and classification: albert, bert, ",
      ] {
        #expect(text.contains(word), "\(text)")
      }
    }
  }

  @Test func `a long packed batch is the same as its sequences one by one`() throws {
    let encoder = try BERTFixture("plain").model
    // More tokens than one internal batch has, with empty sequences among them.
    let lengths = (0..<130).map { $0 * 7 % 25 }
    let sequences = lengths.enumerated().map { index, length in
      (0..<length).map { (index * 31 + $0 * 17) % 75 }
    }
    let tokens = PackedTokens(sequences)
    #expect(tokens.ids.count > Tuning.batchTokens)
    let together = try encoder(tokens).hiddenStates
    #expect(together.shape == [tokens.ids.count, 24])
    var start = 0
    for sequence in sequences where !sequence.isEmpty {
      let alone = try encoder(PackedTokens([sequence])).hiddenStates
      let rows = try together.rows(start..<start + sequence.count)
      #expect(largestDistance(rows.scalars, alone.scalars.map(Double.init)) < 1e-5)
      start += sequence.count
    }
    #expect(start == tokens.ids.count)
  }

  @Test func `batches hold whole sequences, in order, up to the limit`() {
    let limit = Tuning.batchTokens
    #expect(TokenBatches.ranges(lengths: [Int]()).isEmpty)
    #expect(TokenBatches.ranges(lengths: [0, 0]) == [0..<2])
    #expect(TokenBatches.ranges(lengths: [limit, 1]) == [0..<1, 1..<2])
    #expect(TokenBatches.ranges(lengths: [limit - 1, 1, 1]) == [0..<2, 2..<3])
    #expect(TokenBatches.ranges(lengths: [3, limit + 9, 3]) == [0..<1, 1..<2, 2..<3])
  }

  @Test func `errors have the index of the text among all`() throws {
    let embedder = try SentenceFixture("mean").embedder()
    let encodings = try embedder.encodings(of: (0..<700).map { "cat \($0)" })
    let long = try embedder.tokenizer.encode(String(repeating: "a ", count: 30))
    #expect(throws: ModelError.self) { try embedder.embed(encodings + [long]) }
    do {
      _ = try embedder.embed(encodings + [long])
    } catch ModelError.text(_, let index, let reason) {
      #expect(index == 700)
      #expect(reason.contains("32 tokens") && reason.contains("24"), "\(reason)")
    }
  }

  @Test func `a packed batch has segments 0 and one sequence by default`() {
    let tokens = PackedTokens(ids: [5, 6, 7])
    #expect(tokens.segments == [0, 0, 0] && tokens.lengths == [3])
    let two = PackedTokens([[1], [2, 3]])
    #expect(two.ids == [1, 2, 3] && two.lengths == [1, 2] && two.segments == [0, 0, 0])
  }
}
