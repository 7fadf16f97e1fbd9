import AttentionCore
import AttentionModels

extension SearchIndex {
  /// Adds documents. A document replaces the document of the same name, in the index or earlier in the list.
  ///
  /// The change appears at once, when all documents are on the disk. For many documents, call it for some hundreds at
  /// a time: the texts, their tokens and vectors are in memory during the call.
  ///
  /// - Returns: the number of passages that were added.
  /// - Throws: ``SearchError/document(_:reason:)`` for an empty name or a text that the model refuses;
  ///   ``SearchError/busy(path:)``; ``SearchError/damaged(path:reason:)``; ``SearchError/storage(path:reason:)``, for
  ///   example for a full disk; `CancellationError` if the current task is cancelled. The index is then unchanged.
  @discardableResult
  public func add(_ documents: [SearchDocument]) throws -> Int {
    var places: [String: Int] = [:]
    var unique: [SearchDocument] = []
    for document in documents {
      guard !document.name.isEmpty else {
        throw SearchError.document("", reason: "expected a name")
      }
      if let place = places[document.name] {
        unique[place] = document
      } else {
        places[document.name] = unique.count
        unique.append(document)
      }
    }
    guard !unique.isEmpty else { return 0 }
    let cutter = PassageCutter(
      embedder: model.embedder, prompt: .document, options: settings.passages)
    let (ranges, embeddings) = try cutter.embed(unique)
    let contents = zip(unique, ranges).map { StoredContent(document: $0, ranges: $1) }
    let vectors = try settings.similarity.prepared(embeddings, argument: "embeddings")
    try database.write { connection in
      var change = try IndexChange(connection, folder: folder, settings: settings)
      for content in contents { try change.remove(named: content.document.name) }
      try change.append(contents, vectors: vectors)
      try change.finish()
    }
    try compactIfSparse()
    return vectors.shape[0]
  }

  /// As `add(_:)`, without blocking a thread of Swift's cooperative pool.
  @discardableResult
  public func add(_ documents: [SearchDocument]) async throws -> Int {
    try await BlockingWork.run { try self.add(documents) }
  }

  /// Deletes documents by name.
  ///
  /// - Throws: ``SearchError/document(_:reason:)`` for a name that is not in the index, which is then unchanged; as
  ///   `add(_:)`.
  public func delete(_ names: [String]) throws {
    try database.write { connection in
      var change = try IndexChange(connection, folder: folder, settings: settings)
      for name in names {
        guard try change.remove(named: name) else {
          throw SearchError.document(name, reason: "not in the index \(printable(path))")
        }
      }
      try change.finish()
    }
    try compactIfSparse()
  }

  /// As `delete(_:)`, without blocking a thread of Swift's cooperative pool.
  public func delete(_ names: [String]) async throws {
    try await BlockingWork.run { try self.delete(names) }
  }

  /// Removes the vectors of deleted documents from the files. A change does it if more than half of the vectors, and
  /// more than 4,096, belong to deleted documents.
  ///
  /// - Throws: as `add(_:)`.
  /// - Complexity: reads and writes all vectors.
  public func compact() throws {
    let generation = try database.write { connection in
      var compaction = try IndexCompaction(connection, folder: folder, settings: settings)
      return try compaction.run()
    }
    folder.removeFiles(except: generation)
  }

  /// As `compact()`, without blocking a thread of Swift's cooperative pool.
  public func compact() async throws {
    try await BlockingWork.run { try self.compact() }
  }

  private func compactIfSparse() throws {
    let state = try database.read { try $0.state() }
    let deleted = state.rowCount - state.passageCount
    if deleted > max(StoredPiece.rowLimit, state.passageCount) { try compact() }
  }
}
