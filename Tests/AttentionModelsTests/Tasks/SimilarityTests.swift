import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct SimilarityTests {
  private static let a: [[Float]] = [[3, 4], [0, 0], [1, -1]]
  private static let b: [[Float]] = [[4, 3], [-3, -4]]

  /// The definition of each measure, in Double.
  private func expected(_ measure: Similarity, _ a: [Float], _ b: [Float]) -> Double {
    let pairs = zip(a.map(Double.init), b.map(Double.init))
    func length(_ vector: [Float]) -> Double {
      vector.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
    }
    let product = pairs.reduce(0.0) { $0 + $1.0 * $1.1 }
    return switch measure {
    case .cosine: length(a) * length(b) == 0 ? 0 : product / (length(a) * length(b))
    case .dotProduct: product
    case .euclidean: -pairs.reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    case .manhattan: -pairs.reduce(0.0) { $0 + abs($1.0 - $1.1) }
    }
  }

  @Test(arguments: Similarity.allCases)
  func `each row is compared with each row`(measure: Similarity) throws {
    let result = try measure(Tensor(rows: Self.a), Tensor(rows: Self.b))
    #expect(result.shape == [3, 2])
    let similarities = Self.a.flatMap { a in Self.b.map { expected(measure, a, $0) } }
    #expect(largestDistance(result.scalars, similarities) < 1e-6)
  }

  @Test func `the cosine of short vectors is exact, down to PyTorch's bound`() throws {
    let short = try Tensor(rows: [[3e-6, 4e-6], [0, 1e-13]])
    let cosines = try Similarity.cosine(short, Tensor(rows: [[4, 3]])).scalars
    // A length below 1e-12 counts as 1e-12: 1e-13 / 1e-12 · 3 / 5.
    #expect(largestDistance(cosines, [0.96, 0.06]) < 1e-6)
  }

  @Test(arguments: Similarity.allCases)
  func `matrices with different numbers of features are refused`(measure: Similarity) throws {
    let (a, b) = (try Tensor(rows: Self.a), try Tensor(shape: [2, 3], repeating: 1))
    let text = failureText { try measure(a, b) }
    #expect(text.contains("b: ") && text.contains("[2, 3]"), "\(text)")
    let cube = try Tensor(shape: [1, 1, 2], repeating: 1)
    #expect(failureText { try measure(cube, a) }.contains("a: "))
  }

  @Test func `an embedder compares texts, lists of texts, and embeddings`() throws {
    let embedder = try SentenceFixture("mean").embedder()
    let (a, b) = (["the cat sat", "a mat"], ["was it?", "the cat sat", "money"])
    let (left, right) = (try embedder.embed(a), try embedder.embed(b))
    let all = try embedder.similarity(a, b)
    #expect(all.shape == [2, 3])
    #expect(try embedder.similarity(left, right).shape == [2, 3])
    for row in a.indices {
      for column in b.indices {
        let cosine = expected(.cosine, left.row(row), right.row(column))
        #expect(abs(Double(all[row, column]) - cosine) < 1e-6)
        let pair = try embedder.similarity(a[row], b[column])
        #expect(abs(Double(pair) - cosine) < 1e-6)
      }
    }
    #expect(abs(try embedder.similarity("a mat", "a mat") - 1) < 1e-6)
    #expect(try embedder.similarity([String](), b).shape == [0, 3])
  }

  @Test func `the model's files choose the measure`() throws {
    let fixture = try SentenceFixture("mean")
    #expect(try fixture.embedder().similarityMeasure == .cosine)
    let config = "config_sentence_transformers.json"
    for measure in Similarity.allCases {
      try fixture.folder.write(
        #"{"similarity_fn_name": "\#(measure.rawValue)"}"#.utf8, to: config)
      let embedder = try fixture.embedder()
      #expect(embedder.similarityMeasure == measure)
      let (a, b) = (try embedder.embed("cat"), try embedder.embed("mat"))
      let similarity = try embedder.similarity("cat", "mat")
      #expect(abs(Double(similarity) - expected(measure, a, b)) < 1e-5)
    }
    try fixture.folder.write(#"{"similarity_fn_name": "hamming"}"#.utf8, to: config)
    let text = failureText { try fixture.embedder() }
    for word in [config, "similarity_fn_name hamming", "cosine, dot, euclidean, manhattan"] {
      #expect(text.contains(word), "\(text)")
    }
  }
}
