import AttentionModels

extension CrossEncoder {
  /// Sorts results by how well the query and the passage fit, read together: slower and more precise than the
  /// similarity of two vectors.
  ///
  /// ```swift
  /// let reranker = try CrossEncoder(model: "cross-encoder/ms-marco-MiniLM-L6-v2")
  /// let best = try reranker.rerank(index.search(query, top: 50), query: query).prefix(10)
  /// ```
  ///
  /// - Returns: the same results, with the scores of this model, the highest first.
  /// - Throws: as `CrossEncoder.scores(query:texts:)`.
  public func rerank(_ results: [SearchResult], query: String) throws -> [SearchResult] {
    let scores = try scores(query: query, texts: results.map(\.text))
    let scored = zip(results, scores).map { result, score in
      var result = result
      result.score = score
      return result
    }
    return scored.stablySorted(by: \.score, >)
  }
}
