import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// all-MiniLM-L6-v2 compared with sentence-transformers and PyTorch in double precision:
/// `Scripts/fixtures/sentence_model.py`.
@Suite(.enabled(if: RealModel.directory != nil, "all-MiniLM-L6-v2 is not in the cache"))
struct RealModelTests {
  private static let sentence = "The cat sat on the mat because it was tired."

  @Test(arguments: [Backend.openBLAS, .portable])
  func `embeddings agree within 2e-6, alone and in batches`(backend: Backend) throws {
    let embedder = try SentenceEmbedder(model: #require(RealModel.directory))
    let texts = try Fixtures.strings("SentenceModel/texts.json")
    let expected = try Fixtures.tensor("SentenceModel/embeddings.npy")
    #expect(expected.shape == [16, 384])
    try withCompute(backend: backend) {
      let counts = try embedder.encodings(of: texts).map(\.count)
      #expect(counts == [13, 2, 3, 10, 9, 22, 20, 22, 34, 37, 19, 34, 26, 242, 256, 10])

      let together = try embedder.embed(texts)
      #expect(together.shape == expected.shape)
      for index in texts.indices {
        let golden = try expected.rows(index..<index + 1).scalars.map(Double.init)
        let row = try together.rows(index..<index + 1).scalars
        #expect(largestDistance(row, golden) <= 2e-6, "text \(index) of a batch")
        let alone = try embedder.embed(texts[index])
        #expect(largestDistance(alone, golden) <= 2e-6, "text \(index) alone")
      }
    }
  }

  @Test(arguments: [Backend.openBLAS, .portable])
  func `attention weights agree within twice the error of PyTorch in single precision`(
    backend: Backend
  ) throws {
    let explainer = try AttentionExplainer(model: #require(RealModel.directory))
    let expected = try Fixtures.tensor("SentenceModel/attention.npy")
    #expect(expected.shape == [6, 12, 13, 13])
    let map = try withCompute(backend: backend) {
      try explainer.explain(Self.sentence).maps[0]
    }
    let weights = map.layers.flatMap(\.scalars)
    #expect(map.layers.map(\.shape) == Array(repeating: [12, 13, 13], count: 6))
    #expect(largestDistance(weights, expected.scalars.map(Double.init)) <= 2e-6)
  }

  @Test func `a head attends from it to the cat`() throws {
    let explainer = try AttentionExplainer(model: #require(RealModel.directory))
    let map = try explainer.explain(Self.sentence).maps[0]
    let source = try #require(map.queries.occurrences(of: "it").first)
    let target = try #require(map.queries.occurrences(of: "cat").first)
    let weight = try map.attention(layer: 5, head: 11, from: source, to: target)
    #expect(abs(weight - 0.712) <= 0.0005)

    let links = try map.strongestLinks(from: source, acrossAtLeast: 1)
    let link = try #require(links.first { $0.layer == 5 && $0.head == 11 })
    #expect(link.target == target && link.weight == weight)
    #expect(links.count == 72)
  }

  @Test func `texts that mean the same are closer than texts that do not`() throws {
    let embedder = try SentenceEmbedder(model: #require(RealModel.directory))
    let vectors = try embedder.embed([
      "A cat sat on the mat.", "A feline rested on a rug.", "Interest rates rose again.",
    ])
    func cosine(_ a: Int, _ b: Int) throws -> Float {
      (0..<vectors.shape[1]).reduce(0) { $0 + vectors[a, $1] * vectors[b, $1] }
    }
    #expect(try cosine(0, 1) > 0.5)
    #expect(try cosine(0, 2) < 0.2)
  }
}
