import TestSupport
import Testing

@testable import AttentionSearch

/// Exact search compared with a naive twin.
@Suite struct VectorIndexTests {
  private static func random(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Tensor {
    var generator = SeededGenerator(seed: seed)
    let scalars = (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &generator) }
    return try Tensor(shape: [rows, columns], scalars: scalars)
  }

  /// All rows by descending similarity in Double.
  private static func naive(
    _ vectors: Tensor, _ query: [Float], similarity: Similarity
  ) -> [(row: Int, score: Double)] {
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return (0..<vectors.shape[0]).map { row in
      let vector = vectors.row(row)
      let product = dot(vector, query)
      let lengths = (dot(vector, vector) * dot(query, query)).squareRoot()
      return (row, similarity == .cosine ? (lengths == 0 ? 0 : product / lengths) : product)
    }.sorted { $0.score > $1.score }
  }

  @Test(arguments: VectorFormat.allCases, [Similarity.cosine, .dotProduct])
  func `The best vectors are those of the naive twin`(
    format: VectorFormat, similarity: Similarity
  ) throws {
    // Candidates of all rows are rescored, so every format is exact here.
    for (count, dimension) in [(1, 1), (5, 3), (40, 8), (230, 24), (200, 65)] {
      let vectors = try Self.random(count, dimension, seed: 1)
      let queries = try Self.random(3, dimension, seed: 2)
      let index = try VectorIndex(vectors, format: format, similarity: similarity)
      for threads in [1, 2, 3] {
        let found = try withCompute(threads: threads) { try index.search(queries, top: 7) }
        for (query, matches) in found.enumerated() {
          let expected = Self.naive(vectors, queries.row(query), similarity: similarity)
          #expect(matches.count == min(7, count))
          for (match, best) in zip(matches, expected) {
            #expect(abs(Double(match.score) - best.score) < 1e-4, "\(format), \(count)")
            if match.row != best.row {
              // Almost equal scores may be in the other order.
              let own = try #require(expected.first { $0.row == match.row })
              #expect(abs(own.score - best.score) < 1e-5, "\(format), \(count) × \(dimension)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: VectorFormat.allCases)
  func `Results have the same bits with any number of threads and queries`(
    format: VectorFormat
  ) throws {
    let vectors = try Self.random(9_000, 16, seed: 3)
    let queries = try Self.random(4, 16, seed: 4)
    let index = try VectorIndex(vectors, format: format)
    let expected = try withCompute(threads: 1) { try index.search(queries, top: 20) }
    for threads in [2, 3, 5] {
      #expect(try withCompute(threads: threads) { try index.search(queries, top: 20) } == expected)
    }
    for query in 0..<4 {
      #expect(
        try index.search(queries.rows(query..<query + 1), top: 20) == [expected[query]])
    }
  }

  @Test(arguments: [(VectorFormat.int8, 0.99), (.binary, 0.75)])
  func `Few candidates find almost all of the best vectors`(
    format: VectorFormat, least: Double
  ) throws {
    let vectors = try Self.random(20_000, 64, seed: 5)
    let queries = try Self.random(20, 64, seed: 6)
    let exact = try VectorIndex(vectors).search(queries)
    let found = try VectorIndex(vectors, format: format).search(queries)
    let hits = zip(exact, found).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
    #expect(Double(hits) >= least * 200, "\(hits) of 200")
  }

  @Test func `int8 vectors are rounded to the nearest integer, and bits are signs`() {
    let numbers: [Float] = [0, 127, -127, 1.5, 2.5, 0.6, -0.6, -0.0, 3.4e-38]
    numbers.withUnsafeBufferPointer { numbers in
      let (scale, integers) = VectorFormat.quantized(numbers)
      #expect(scale == 1 && integers == [0, 127, -127, 2, 2, 1, -1, 0, 0])
      #expect(VectorFormat.signs(numbers) == [0b0101_1100, 0b1000_0000])
    }
  }

  /// A scan of int8 vectors reads half of the bits first: its result must be that of all bits.
  @Test(arguments: [1, 2, 7, 63, 64, 128, 200], [1, 10, 3_000])
  func `A scan of int8 vectors has the scores of all bits`(dimension: Int, limit: Int) throws {
    var generator = SeededGenerator(seed: 10)
    let format = VectorFormat.int8
    for spread in [0.02, 1, 30] as [Float] {
      // Vectors near one direction have scores that differ little; of others, one feature is large.
      let vectors = (0..<5_000).map { row in
        (0..<dimension).map { feature in
          1 + spread * Float.random(in: -1...1, using: &generator)
            * (row % 7 == 0 && feature == row % dimension ? 9 : 1)
        }
      }
      let queries = (0..<3).map { _ in
        (0..<dimension).map { _ in Float.random(in: -1...2, using: &generator) }
      }
      var scan = VectorScan(format: format, dimension: dimension)
      let bytes = vectors.flatMap(\.self).withUnsafeBufferPointer {
        format.encode(rowsOf: $0, dimension: dimension)
      }
      try bytes.withUnsafeBytes { try scan.append($0) }
      for deleted in [0..<0, 100..<2_500] {
        scan.deleted.insert(deleted)
        let expected = queries.map { query in
          let (queryScale, b) = query.withUnsafeBufferPointer { VectorFormat.quantized($0) }
          let all = vectors.enumerated().filter { !deleted.contains($0.offset) }.map { row in
            let (scale, a) = row.element.withUnsafeBufferPointer { VectorFormat.quantized($0) }
            let product = zip(a, b).reduce(0) { $0 + Int($1.0) * Int($1.1) }
            return Candidate(row: row.offset, score: Float(product) * (scale * queryScale))
          }
          return Array(all.sorted { $0.precedes($1) }.prefix(limit))
        }
        let prepared = queries.map { ScanQuery($0, format: format) }
        for backend in [Backend.openBLAS, .portable] {
          for threads in [1, 3] {
            let found = try withCompute(backend: backend, threads: threads) {
              try scan.best(for: prepared, limit: limit)
            }
            #expect(found == expected, "\(backend)")
          }
        }
      }
    }
  }

  @Test func `A score that is not a number is no result`() throws {
    let vectors = try Tensor(rows: [[3e38, 3e38], [1, 0]])
    for format in VectorFormat.allCases {
      let index = try VectorIndex(vectors, format: format, similarity: .dotProduct)
      let matches = try index.search(Tensor(rows: [[3e38, -3e38]]))
      #expect(matches[0].map(\.row) == [1], "\(format)")
    }
  }

  @Test func `More than one block of rows is searched`() throws {
    let rows = [0, 65_535, 65_536, 139_999]
    var scalars = [Float](repeating: 0.01, count: 2 * 140_000)
    for row in rows { scalars[2 * row] = 1 }
    let vectors = try Tensor(shape: [140_000, 2], scalars: scalars)
    for format in VectorFormat.allCases {
      let index = try VectorIndex(vectors, format: format, similarity: .dotProduct)
      let best = try index.search(Tensor(rows: [[1, 0]]), top: 4)[0]
      // The bits of all vectors are equal.
      #expect(best.map(\.row) == (format == .binary ? [0, 1, 2, 3] : rows), "\(format)")
    }
  }

  @Test func `Equal vectors are in the order of their rows`() throws {
    let vectors = try Tensor(rows: Array(repeating: [1, 2, 3], count: 100))
    for format in VectorFormat.allCases {
      let matches = try VectorIndex(vectors, format: format).search(vectors.rows(0..<1), top: 9)
      #expect(matches[0].map(\.row) == Array(0..<9))
    }
  }

  @Test func `Zero vectors, no vectors and more results than vectors are allowed`() throws {
    for format in VectorFormat.allCases {
      let zeros = try VectorIndex(Tensor(shape: [2, 3], repeating: 0), format: format)
      #expect(
        try zeros.search(Tensor(rows: [[1, 0, 0]]), top: .max)[0].map(\.score) == [0, 0])
      let empty = try VectorIndex(Tensor(shape: [0, 3], repeating: 0), format: format)
      #expect(try empty.search(Tensor(rows: [[1, 0, 0]]))[0].isEmpty)
      #expect(try zeros.search(Tensor(shape: [0, 3], repeating: 0)).isEmpty)
    }
  }

  @Test func `Wrong arguments are errors with sizes`() throws {
    let vectors = try Tensor(rows: [[1, 2], [3, 4]])
    let index = try VectorIndex(vectors)
    for (text, words) in [
      (failureText { try index.search(Tensor(rows: [[1, 2, 3]])) }, ["queries", "2", "3"]),
      (failureText { try index.search(vectors, top: 0) }, ["top", "at least 1", "0"]),
      (failureText { try VectorIndex(Tensor(rows: [[.nan, 1]])) }, ["vectors", "finite"]),
      (failureText { try index.search(Tensor(rows: [[.infinity, 1]])) }, ["queries", "finite"]),
      (failureText { try VectorIndex(Tensor(shape: [3], repeating: 1)) }, ["vectors", "[3]"]),
      (failureText { try VectorIndex(vectors, similarity: .euclidean) }, ["euclidean", "cosine"]),
    ] {
      for word in words { #expect(text.contains(word), "\(text)") }
    }
  }

  @Test func `A cancelled task gets an error`() async throws {
    let index = try VectorIndex(Self.random(5_000, 8, seed: 8))
    let query = try Self.random(1, 8, seed: 9)
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try index.search(query) as [[VectorIndex.Match]] }
    }
    let matches = try await index.search(query)
    #expect(matches[0].count == 10)
  }
}
