import Attention
import AttentionModels

/// The embedding of many texts of different lengths, including tokenization.
package struct CorpusCase {
  package let embedder: SentenceEmbedder
  package let name: String
  package let texts: [String]

  package init(
    embedder: SentenceEmbedder, name: String, texts: [String]
  ) {
    self.embedder = embedder
    self.name = name
    self.texts = texts
  }

  package var benchCase: BenchCase {
    BenchCase(name: name, length: texts.count, series: BenchSeries("corpus")) {
      let encodings = try embedder.encodings(of: texts)
      let lengths = encodings.map(\.ids.count)
      return BenchCase.Prepared(
        work: BenchWork(
          operations: embedder.encoder.transformer.operations(lengths: lengths),
          tokens: lengths.reduce(0, +), texts: texts.count,
          textBytes: texts.reduce(0) { $0 + $1.utf8.count }),
        run: { _ = try embedder.embed(texts) },
        check: { try check(embedder.embed(texts), lengths: lengths) },
        arrays: {
          let embeddings = try embedder.embed(texts)
          return [
            (
              "lengths",
              try NPYArray(shape: [lengths.count], elements: .int64(lengths.map { Int64($0) }))
            ),
            (
              "output",
              try NPYArray(shape: embeddings.shape, elements: .float32(embeddings.scalars))
            ),
          ]
        })
    }
  }

  /// Compares the embeddings of the first, last, shortest and longest text with embeddings that another
  /// backend computes, one text at a time.
  private func check(_ embeddings: Tensor, lengths: [Int]) throws -> BenchCheck {
    let byLength = lengths.indices.sorted { lengths[$0] < lengths[$1] }
    var worst = BenchCheck(error: 0, bound: 0)
    for index in Set([0, texts.count - 1, byLength[0], byLength[texts.count - 1]]) {
      let alone = try withOtherBackend { try embedder.embed([texts[index]]) }
      let check = BenchCheck(
        try embeddings.rows(index..<index + 1), expected: alone,
        relativeBound: EncoderCase.bound)
      guard check.passes else { return check }
      if check.error >= worst.error { worst = check }
    }
    return worst
  }
}
