import Attention
import AttentionModels
import TestSupport
import Testing

/// The code of the article "Sentence embeddings and semantic search", and its numbers.
@Suite(.enabled(if: RealModel.isKnownByName, "all-MiniLM-L6-v2 is not in the cache"))
struct SentenceCode {
  @Test func `similar sentences are close, and a long text is truncated`() throws {
    let embedder = try SentenceEmbedder(model: "all-MiniLM-L6-v2")
    let vectors = try embedder.embed([
      "A cat sat on the mat.",
      "A feline rested on a rug.",
      "The stock market fell on Monday.",
    ])  // [text 3, feature 384]
    #expect(vectors.shape == [3, 384] && embedder.normalizes)

    let cosines = try embedder.similarity(vectors, vectors)  // [text 3, text 3]
    // [[1.0000, 0.5653, 0.0857],
    //  [0.5653, 1.0000, 0.0632],
    //  [0.0857, 0.0632, 1.0000]]
    let expected = [1, 0.5653, 0.0857, 0.5653, 1, 0.0632, 0.0857, 0.0632, 1]
    #expect(largestDistance(cosines.scalars, expected) <= 6e-5)

    let texts = [
      "Opening hours of the Berlin office",
      "I forgot the code that lets me log in",
      "Invoices are sent on the first of the month",
    ]
    let index = try embedder.embed(texts)
    let question = try embedder.embed(["How do I reset my password?"])
    let matches = try embedder.similarity(index, question).scalars
    // [0.0161, 0.5755, -0.0257]
    #expect(largestDistance(matches, [0.0161, 0.5755, -0.0257]) <= 6e-5)

    let passages = try embedder.embed(texts, prompt: .document)
    let query = try embedder.embed(["How do I reset my password?"], prompt: .query)
    #expect(passages == index && query == question)

    let short = try embedder.embed(texts, dimensions: 64)
    let bytes = try QuantizedEmbeddings(index, precision: .int8)
    #expect(short.shape == [3, 64] && bytes.bytes.count == 3 * 384)

    let report = String(repeating: "All work and no play. ", count: 100)
    let encoding = try embedder.encodings(of: [report])[0]
    let counts = (encoding.count, encoding.untruncatedCount)  // 256 of 602
    #expect(counts == (256, 602))
    #expect(
      failureText { try embedder.embed([report], truncation: .refuse) }
        == "text 0: 602 tokens, longer than the limit of 256")
  }
}
