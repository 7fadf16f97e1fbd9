import Attention
import AttentionSearch
import Synchronization

/// Exact search: the 10 most similar of many vectors, for one query at a time.
package struct SearchCase: Hashable {
  /// The number of vectors.
  package let rows: Int
  /// The number of features of a vector.
  package let dimension: Int
  package let format: VectorFormat

  private static let top = 10
  private static let queryCount = 16

  /// Parses a shape, or a sweep of shapes: `ROWSxFEATURES`, optionally followed by `:int8` or `:binary`.
  package static func cases(in text: Substring) throws -> [SearchCase] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2,
      let format = parts.count == 1 ? .float32 : VectorFormat(rawValue: String(parts[1]))
    else { throw BenchError("expected :int8 or :binary after ROWSxFEATURES, got '\(text)'") }
    return try SizeList.sizes(in: parts[0], count: 2, form: "ROWSxFEATURES").map {
      SearchCase(rows: $0[0], dimension: $0[1], format: format)
    }
  }

  /// The default shapes.
  package static let defaultShapes = VectorFormat.allCases.map { "100000x384:\($0.rawValue)" }

  package var name: String {
    "\(rows)x\(dimension)" + (format == .float32 ? "" : ":\(format.rawValue)")
  }

  private var series: BenchSeries { BenchSeries("\(dimension) features", format.rawValue) }

  package var benchCase: BenchCase {
    BenchCase(name: name, length: rows, series: series) {
      var generator = BenchGenerator(seed: 3)
      let vectors = try generator.normalTensor([rows, dimension])
      let queries = try generator.normalTensor([Self.queryCount, dimension])
      let index = try VectorIndex(vectors, format: format, similarity: .dotProduct)
      let next = Atomic(0)
      return BenchCase.Prepared(
        work: BenchWork(
          operations: 2 * Double(rows) * Double(dimension),
          bytesRead: Double(rows) * Double(format.codeByteCount(dimension: dimension)),
          texts: 1),
        run: {
          let query = next.wrappingAdd(1, ordering: .relaxed).oldValue % Self.queryCount
          _ = try index.search(queries.rows(query..<query + 1), top: Self.top)
        },
        check: { try check(index.search(queries, top: Self.top), vectors, queries) },
        arrays: {
          let found: [[VectorIndex.Match]] = try index.search(queries, top: Self.top)
          return [
            ("vectors", try NPYArray(shape: vectors.shape, elements: .float32(vectors.scalars))),
            ("queries", try NPYArray(shape: queries.shape, elements: .float32(queries.scalars))),
            (
              "rows",
              try NPYArray(
                shape: [Self.queryCount, Self.top],
                elements: .int64(found.flatMap { $0.map { Int64($0.row) } }))
            ),
          ]
        })
    }
  }

  /// The fraction of the best vectors that were not found, compared with sorted matrix products. Vectors of random
  /// numbers have no structure that binary vectors could keep, so for binary, only the scores are checked.
  private func check(
    _ found: [[VectorIndex.Match]], _ vectors: Tensor, _ queries: Tensor
  ) throws -> BenchCheck {
    let scores = try matrixProduct(queries.matrix(), vectors.matrix().transposed)
    var (missing, error) = (0, 0.0)
    for (query, matches) in found.enumerated() {
      let row = scores.row(query)
      let best = row.indices.sorted { row[$0] > row[$1] }.prefix(Self.top)
      missing += best.count - Set(best).intersection(matches.map(\.row)).count
      for match in matches { error = max(error, Double(abs(row[match.row] - match.score))) }
    }
    if format == .binary || error > 1e-2 { return BenchCheck(error: error, bound: 1e-2) }
    return BenchCheck(
      error: Double(missing) / Double(Self.top * Self.queryCount),
      bound: format == .float32 ? 0 : 0.01)
  }
}
