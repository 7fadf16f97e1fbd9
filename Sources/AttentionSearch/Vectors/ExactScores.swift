import AttentionModels

/// Scores of candidates in float32.
enum ExactScores {
  /// The best of some rows by the dot product with the query, computed by the kernel of a float32 scan: the bits are
  /// those of a float32 scan.
  ///
  /// - Parameters:
  ///   - rows: in ascending order.
  ///   - read: writes the vectors of the given rows into the memory, one after the other.
  static func best(
    of rows: [Int], for query: [Float], limit: Int,
    read: ([Int], UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> [Candidate] {
    guard !rows.isEmpty else { return [] }
    let dimension = query.count
    let vectors = try [Float](uninitializedCount: rows.count * dimension) { try read(rows, $0) }
    var scores = [Float](repeating: 0, count: rows.count)
    let kernels = Backend.current.kernels
    vectors.withUnsafeBufferPointer { vectors in
      query.withUnsafeBufferPointer { query in
        scores.withUnsafeMutableBufferPointer { scores in
          guard let vectors = vectors.baseAddress, let query = query.baseAddress,
            let scores = scores.baseAddress
          else { return }
          kernels.scoreKeys(
            CacheProduct(
              rows: 1, keys: rows.count, dimension: dimension, inputs: query,
              inputStride: dimension,
              cache: vectors, cacheStride: dimension, output: scores, outputStride: rows.count))
        }
      }
    }
    var top = TopCandidates(limit: min(limit, rows.count))
    for (row, score) in zip(rows, scores) { top.offer(Candidate(row: row, score: score)) }
    return top.sorted
  }
}
