import AttentionCore
import AttentionModels

extension SearchIndex {
  /// The passages that fit a query best, the best first. Equal scores are in the order of adding.
  ///
  /// ```swift
  /// for result in try index.search("How do I reset my password?", top: 5) {
  ///   print(result.score, result.document, result.range, result.text)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - query: the query.
  ///   - top: the number of results.
  /// - Returns: min(`top`, number of passages) results.
  /// - Throws: `AttentionError.argument` naming "top" if it is less than 1; ``SearchError/damaged(path:reason:)``;
  ///   the errors of embedding; `CancellationError` if the current task is cancelled.
  /// - Complexity: O(passages · features), without reading the disk except for the results' texts.
  public func search(_ query: String, top: Int = 10) throws -> [SearchResult] {
    try search([query], top: top)[0]
  }

  /// As `search(_:top:)`, without blocking a thread of Swift's cooperative pool.
  public func search(_ query: String, top: Int = 10) async throws -> [SearchResult] {
    try await BlockingWork.run { try self.search([query], top: top)[0] }
  }

  /// The passages that fit each query best, the best first.
  ///
  /// - Returns: the results for each query, as `search(_:top:)`.
  /// - Throws: as `search(_:top:)`; an error's index is that of the query.
  public func search(_ queries: [String], top: Int = 10) throws -> [[SearchResult]] {
    try Self.requirePositive(top)
    guard !queries.isEmpty else { return [] }
    return try search(embeddings: embed(queries: queries), top: top)
  }

  /// As `search(_:top:)`, without blocking a thread of Swift's cooperative pool.
  public func search(_ queries: [String], top: Int = 10) async throws -> [[SearchResult]] {
    try await BlockingWork.run { try self.search(queries, top: top) }
  }

  /// The embeddings of queries, with the prompt of the index.
  ///
  /// - Returns: `[query, dimension]`.
  /// - Throws: as `SentenceEmbedder.embed`.
  public func embed(queries: [String]) throws -> Tensor {
    try model.embedder.embed(queries, prompt: .query)
  }

  /// The passages that are most similar to each vector, the best first.
  ///
  /// - Parameters:
  ///   - embeddings: `[query, dimension]`, for example from ``embed(queries:)``.
  ///   - top: the largest number of results for each query.
  /// - Throws: `AttentionError.shape` for another number of features; as `search(_:top:)`.
  public func search(embeddings: Tensor, top: Int = 10) throws -> [[SearchResult]] {
    try Self.requirePositive(top)
    guard embeddings.shape.rank == 2, embeddings.shape[1] == settings.dimension else {
      throw AttentionError.shape(
        argument: "embeddings", expected: "[query, \(settings.dimension)]", got: embeddings.shape)
    }
    let queries = try settings.similarity.prepared(embeddings, argument: "embeddings")
    let rows = (0..<queries.shape[0]).map { queries.row($0) }
    // A document of the results may be deleted before its text is read. Then the search starts again.
    for _ in 0..<Self.attemptLimit {
      let snapshot = try snapshot()
      let candidates = try snapshot.search(rows, top: top)
      if let results = try results(candidates, in: snapshot) { return results }
    }
    throw SearchError.busy(path: path)
  }

  private static let attemptLimit = 100

  private static func requirePositive(_ top: Int) throws {
    guard top >= 1 else {
      throw AttentionError.argument("top", reason: "expected at least 1, got \(top)")
    }
  }

  /// The texts of passages; nil if one of their documents has been deleted.
  ///
  /// A document never changes: replacing one deletes it and adds another. So texts that are still there belong to the
  /// state of the snapshot.
  private func results(
    _ candidates: [[Candidate]], in snapshot: IndexSnapshot
  ) throws -> [[SearchResult]]? {
    try database.read { connection in
      var contents: [Int: StoredContent] = [:]
      var results: [[SearchResult]] = []
      for list in candidates {
        var found: [SearchResult] = []
        for candidate in list {
          guard let document = snapshot.document(ofRow: candidate.row) else {
            throw connection.damaged("row \(candidate.row) belongs to no document")
          }
          if contents[document.id] == nil {
            guard let content = try connection.content(of: document) else { return nil }
            contents[document.id] = content
          }
          guard let content = contents[document.id] else { return nil }
          found.append(
            try SearchResult(
              document: content.document,
              range: content.ranges[candidate.row - document.firstRow], score: candidate.score))
        }
        results.append(found)
      }
      return results
    }
  }
}
