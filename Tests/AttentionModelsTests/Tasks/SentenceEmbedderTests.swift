import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Embeddings compared with those of sentence-transformers in double precision.
@Suite struct SentenceEmbedderTests {
  @Test(arguments: SentenceFixture.names, [Backend.openBLAS, .portable])
  func `every kind of sentence model gives sentence-transformers' embeddings`(
    name: String, backend: Backend
  ) throws {
    let fixture = try SentenceFixture(name)
    let embedder = try fixture.embedder()
    try withCompute(backend: backend) {
      let together = try embedder.embed(fixture.texts)
      #expect(together.shape == fixture.embeddings.shape)
      #expect(embedder.embeddingDimension == together.shape[1])
      let expected = fixture.embeddings.scalars.map(Double.init)
      #expect(largestDistance(together.scalars, expected) <= fixture.bound)
      let oneByOne = try fixture.texts.flatMap { try embedder.embed($0) }
      #expect(largestDistance(oneByOne, expected) <= fixture.bound)
    }
  }

  @Test(arguments: [
    ("cls", [Pooling.cls], true, 24, 24), ("max", [.max], false, 24, 24),
    ("mean", [.mean], true, 12, 24), ("last", [.last], false, 24, 24),
    ("two", [.mean, .cls], true, 24, 48), ("old-two", [.cls, .max], false, 24, 48),
    ("old-last", [.last], true, 9, 24), ("prompt", [.mean], true, 24, 24),
  ])
  func `poolings, normalization and length are those in the model's files`(
    name: String, poolings: [Pooling], normalizes: Bool, maxLength: Int, embeddingDimension: Int
  ) throws {
    let embedder = try SentenceFixture(name).embedder()
    #expect(embedder.poolings == poolings)
    #expect(embedder.normalizes == normalizes)
    #expect(embedder.maxLength == maxLength)
    #expect(embedder.embeddingDimension == embeddingDimension)
  }

  @Test(arguments: ["prompt", "excluded-prompt"])
  func `a named prompt and fewer dimensions give sentence-transformers' embeddings`(
    name: String
  ) throws {
    let fixture = try SentenceFixture(name)
    let embedder = try fixture.embedder()
    let expected = try Fixtures.tensor("Sentences/\(name)/document.npy")
    let found = try embedder.embed(fixture.texts, prompt: .document, dimensions: 7)
    #expect(found.shape == [fixture.texts.count, 7])
    #expect(largestDistance(found.scalars, expected.scalars.map(Double.init)) <= fixture.bound)
    #expect(try embedder.embed("cat", prompt: .document, dimensions: 7).count == 7)
    #expect(try embedder.embed("cat", dimensions: .max).count == embedder.embeddingDimension)
    let text = failureText { try embedder.embed("cat", dimensions: 0) }
    #expect(text.contains("dimensions: expected at least 1, got 0"), "\(text)")
    // The dimensions in the model's files.
    try fixture.folder.edit(
      "config_sentence_transformers.json", replacing: "\"default_prompt_name\"",
      with: "\"truncate_dim\": 7, \"default_prompt_name\"")
    let short = try fixture.embedder()
    #expect(short.embeddingDimension == 7)
    #expect(try short.embed(fixture.texts, prompt: .document) == found)
  }

  @Test func `a vocabulary without tokenizer json gives the same embeddings`() throws {
    let fixture = try SentenceFixture("mean")
    let whole = try fixture.embedder()
    try FileManager.default.removeItem(atPath: fixture.folder.path("tokenizer.json"))
    let bare = try fixture.embedder()
    #expect(try bare.encodings(of: fixture.texts) == whole.encodings(of: fixture.texts))
    #expect(try bare.embed(fixture.texts) == whole.embed(fixture.texts))
  }

  @Test func `a plain encoder has mean pooling without normalization, up to its context length`()
    throws
  {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/plain")
    try folder.copy(fixture: "Sentences/common")
    let embedder = try SentenceEmbedder(model: folder.path)
    #expect(embedder.poolings == [.mean])
    #expect(!embedder.normalizes)
    #expect(embedder.maxLength == 24)
    let scaled = try SentenceFixture("mean").embedder().embed("was it?")
    let vector = try embedder.embed("was it?")
    let length = vector.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
    #expect(abs(length - 1) > 0.1)
    #expect(largestDistance(scaled, vector.map { Double($0) / length }) < 1e-6)
  }

  @Test func `the prompt of the model is added before every text`() throws {
    let fixture = try SentenceFixture("prompt")
    let embedder = try fixture.embedder()
    #expect(
      try embedder.encodings(of: ["was it?"])[0].tokens
        == ["[CLS]", "the", "mat", "[UNK]", "was", "it", "?", "[SEP]"])
  }

  @Test func `more texts than fit into one batch keep their order`() throws {
    let embedder = try SentenceFixture("cls").embedder()
    let words = ["cat", "mat", "river", "the cat sat on the mat", "", "money money", "a b c d e"]
    let texts = (0..<700).map { words[$0 * $0 % words.count] + (($0 % 3 == 0) ? " was" : "") }
    let together = try embedder.embed(texts)
    #expect(together.shape == [700, 24])
    for (index, text) in texts.enumerated() where index % 23 == 0 {
      let row = try together.rows(index..<index + 1).scalars
      #expect(largestDistance(row, try embedder.embed(text).map(Double.init)) < 2e-6)
    }
  }

  @Test func `no texts give no rows`() throws {
    let embedder = try SentenceFixture("two").embedder()
    #expect(try embedder.embed([String]()).shape == [0, 48])
    #expect(try embedder.embed([Encoding]()).shape == [0, 48])
  }

  @Test func `a text that is too long is cut at its end, or refused with its index`() throws {
    let embedder = try SentenceFixture("mean").embedder()
    let long = "a b c d e f g h i j k l m"
    let cut = try embedder.encodings(of: ["cat", long])[1]
    #expect(cut.wasTruncated && cut.count == 12 && cut.untruncatedCount == 15)
    #expect(cut.tokens.suffix(2) == ["j", "[SEP]"])
    #expect(try embedder.embed(long) == embedder.embed("a b c d e f g h i j"))
    let text = failureText { try embedder.embed(["cat", long], truncation: .refuse) }
    #expect(text == "text 1: 15 tokens, longer than the limit of 12")
    let fitting = try embedder.embed("cat", truncation: .refuse)
    #expect(try fitting == embedder.embed("cat"))
  }

  @Test func `an encoding longer than the encoder is refused`() throws {
    let embedder = try SentenceFixture("mean").embedder()
    let encoding = try embedder.tokenizer.encode(String(repeating: "a ", count: 30))
    let text = failureText { try embedder.embed([encoding]) }
    #expect(text.contains("32 tokens, longer than the limit of 24"), "\(text)")
  }

  @Test func `only a text with a token without embedding is refused, with token, id and rows`()
    throws
  {
    let fixture = try SentenceFixture("cls")
    try fixture.folder.edit("tokenizer.json", replacing: "\"?\":74", with: "\"?\":75")
    let embedder = try fixture.embedder()
    #expect(try embedder.embed("cat") == SentenceFixture("cls").embedder().embed("cat"))
    let explainer = try AttentionExplainer(model: fixture.folder.path)
    #expect(try explainer.explain("cat").input.count == 3)
    for (name, text) in [
      ("text 1", failureText { try embedder.embed(["cat", "cat ?"]) }),
      ("text", failureText { try explainer.explain("cat ?") }),
    ] {
      for word in ["\(name): ", "\"?\"", "the id 75", "75 rows"] {
        #expect(text.contains(word), "\(text)")
      }
    }
  }

  @Test func `a tokenizer that is a link out of the model is refused`() throws {
    let other = try TemporaryDirectory()
    try other.copy(fixture: "Sentences/common")
    for name in ["tokenizer.json", "vocab.txt"] {
      let fixture = try SentenceFixture("cls")
      for tokenizer in ["tokenizer.json", "vocab.txt"] {
        try FileManager.default.removeItem(atPath: fixture.folder.path(tokenizer))
      }
      try fixture.folder.link(name, to: other.path(name))
      let text = failureText { try fixture.embedder() }
      #expect(text.contains("\(name): links to"), "\(text)")
      #expect(text.contains("outside the model directory"), "\(text)")
    }
  }
}
