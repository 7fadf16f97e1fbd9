import AttentionCore
import AttentionModels

/// Exact search in memory: the vectors with the highest similarity to a query.
///
/// ```swift
/// let index = try VectorIndex(embedder.embed(texts))
/// let matches = try index.search(embedder.embed(["a cat on a mat"]), top: 3)
/// print(texts[matches[0][0].row], matches[0][0].score)
/// ```
///
/// The similarity is the cosine a·b / (|a| |b|), or the dot product a·b. With `int8` and `binary`, a scan of the small
/// vectors chooses candidates, and their scores are computed in float32.
public struct VectorIndex: Sendable {
  /// A vector that was found.
  public struct Match: Sendable, Hashable {
    /// The index of the vector.
    public let row: Int
    /// The similarity to the query.
    public let score: Float
  }

  /// The format of the scanned vectors.
  public let format: VectorFormat
  /// The measure of similarity.
  public let similarity: Similarity
  /// The number of vectors.
  public let count: Int
  /// The number of features of a vector.
  public let dimension: Int

  private let scan: VectorScan
  /// The vectors in float32; nil if the scan has them.
  private let vectors: Tensor?

  /// Copies the vectors into the format of the search.
  ///
  /// - Parameters:
  ///   - vectors: `[vector, feature]`.
  ///   - format: the format of the scanned vectors.
  ///   - similarity: `cosine` or `dotProduct`.
  /// - Throws: `AttentionError.shape` unless `vectors` is a matrix with at least one feature; `AttentionError.argument`
  ///   naming "vectors" for a number that is not finite; ``SearchError/unsupported(_:)`` for another measure;
  ///   `AttentionError.memory`.
  public init(
    _ vectors: Tensor, format: VectorFormat = .float32, similarity: Similarity = .cosine
  ) throws {
    guard vectors.shape.rank == 2, (1...Self.dimensionLimit).contains(vectors.shape[1]) else {
      throw AttentionError.shape(
        argument: "vectors",
        expected: "[vector, feature] with 1 to \(Self.dimensionLimit) features",
        got: vectors.shape)
    }
    try similarity.requireSearchable()
    (count, dimension) = (vectors.shape[0], vectors.shape[1])
    (self.format, self.similarity) = (format, similarity)
    let vectors = try similarity.prepared(vectors, argument: "vectors")
    var scan = VectorScan(format: format, dimension: dimension)
    let dimension = dimension
    try Cancellation.forEachRange(of: count, length: 4_096) { rows in
      try vectors.withUnsafeScalars { scalars in
        let part = UnsafeBufferPointer(
          rebasing: scalars[rows.lowerBound * dimension..<rows.upperBound * dimension])
        if format == .float32 {
          try scan.append(UnsafeRawBufferPointer(part))
        } else {
          try format.encode(rowsOf: part, dimension: dimension).withUnsafeBytes {
            try scan.append($0)
          }
        }
      }
    }
    self.scan = scan
    self.vectors = format == .float32 ? nil : vectors
  }

  /// The `top` vectors with the highest similarity to each query, the best first. Among equal similarities, the lower
  /// row is first. The bits do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - queries: `[query, feature]`.
  ///   - top: the number of results.
  /// - Returns: for each query, min(`top`, `count`) matches.
  /// - Throws: `AttentionError.shape` for another number of features; `AttentionError.argument` naming "top" if it is
  ///   less than 1, or "queries" for a number that is not finite; `CancellationError` if the current task is cancelled.
  /// - Complexity: O(queries · count · dimension); memory bandwidth limits the speed.
  public func search(_ queries: Tensor, top: Int = 10) throws -> [[Match]] {
    guard top >= 1 else {
      throw AttentionError.argument("top", reason: "expected at least 1, got \(top)")
    }
    guard queries.shape.rank == 2, queries.shape[1] == dimension else {
      throw AttentionError.shape(
        argument: "queries", expected: "[query, \(dimension)]", got: queries.shape)
    }
    let queries = try similarity.prepared(queries, argument: "queries")
    let prepared = (0..<queries.shape[0]).map { ScanQuery(queries.row($0), format: format) }
    return try best(for: prepared, limit: top).map { candidates in
      candidates.map { Match(row: $0.row, score: $0.score) }
    }
  }

  /// As `search(_:top:)`, without blocking a thread of Swift's cooperative pool.
  public func search(_ queries: Tensor, top: Int = 10) async throws -> [[Match]] {
    try await BlockingWork.run { try search(queries, top: top) as [[Match]] }
  }

  private func best(for queries: [ScanQuery], limit: Int) throws -> [[Candidate]] {
    guard let vectors else { return try scan.best(for: queries, limit: limit) }
    let candidates = try scan.candidates(
      for: queries, limit: format.candidateCount(resultCount: limit))
    return try zip(queries, candidates).map { query, rows in
      try ExactScores.best(of: rows, for: query.vector, limit: limit) { rows, target in
        vectors.withUnsafeScalars { scalars in
          for (index, row) in rows.enumerated() {
            guard let source = scalars.baseAddress else { return }
            target.baseAddress?.advanced(by: index * dimension).update(
              from: source + row * dimension, count: dimension)
          }
        }
      }
    }
  }

  /// The largest number of features: sums of int8 products then fit into 32 bits.
  static let dimensionLimit = 1 << 17
}

extension Similarity {
  /// - Throws: ``SearchError/unsupported(_:)`` unless the similarity is a dot product of prepared vectors.
  func requireSearchable() throws {
    guard self == .cosine || self == .dotProduct else {
      throw SearchError.unsupported(
        "search by \(rawValue); an index has the measures \(Similarity.cosine.rawValue) and "
          + Similarity.dotProduct.rawValue)
    }
  }

  /// The vectors whose dot product is this similarity: scaled to length 1 for the cosine.
  ///
  /// - Throws: `AttentionError.argument` for a number that is not finite.
  func prepared(_ vectors: Tensor, argument: String) throws -> Tensor {
    guard vectors.isFinite else {
      throw AttentionError.argument(argument, reason: "expected finite numbers")
    }
    guard self == .cosine, vectors.count > 0 else { return vectors }
    let dimension = vectors.shape[1]
    var result = vectors
    try result.withMutableSpan { span in
      for start in stride(from: 0, to: span.count, by: dimension) {
        var squares = 0.0
        for index in start..<start + dimension {
          squares += Double(span[index]) * Double(span[index])
        }
        let length = squares.squareRoot()
        // A vector of length 1 keeps its bits, so that a model's own normalization is not rounded again.
        guard length > 0, abs(length - 1) > 1e-6 else { continue }
        for index in start..<start + dimension { span[index] = Float(Double(span[index]) / length) }
      }
    }
    return result
  }
}

extension VectorFormat {
  /// The bytes of several vectors in the file of codes.
  func encode(rowsOf vectors: UnsafeBufferPointer<Float>, dimension: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(vectors.count / dimension * fileByteCount(dimension: dimension))
    for start in stride(from: 0, to: vectors.count, by: dimension) {
      encode(UnsafeBufferPointer(rebasing: vectors[start..<start + dimension]), into: &bytes)
    }
    return bytes
  }
}
