import AttentionCore
import AttentionModels

extension SearchIndex {
  /// Reads and checks everything: the structure of the database, every document, and every vector in both formats.
  ///
  /// Opening an index checks the vectors in the format of the search and the list of documents, and a search checks
  /// the texts of its results. So this function is needed only to find damage early.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)`` naming the file; `CancellationError` if the current task is
  ///   cancelled.
  /// - Complexity: reads all files.
  public func verify() throws {
    try database.checkStructure(always: true)
    try database.read { connection in
      let snapshot = try IndexSnapshot.load(
        connection, folder: folder, settings: settings, after: nil)
      for document in snapshot.documents {
        guard try connection.content(of: document) != nil else {
          throw connection.damaged(
            "the text of the document at row \(document.firstRow) is missing")
        }
      }
      let files = try IndexFiles(folder: folder, settings: settings, state: snapshot.state)
      for piece in try connection.pieces(from: 0) {
        try Cancellation.check()
        let vectors = try files.readVectors(piece)
        guard settings.format != .float32 else { continue }
        let codes = vectors.withUnsafeBytes {
          settings.format.encode(
            rowsOf: $0.assumingMemoryBound(to: Float.self), dimension: settings.dimension)
        }
        guard try files.read(piece) == codes else {
          throw SearchError.damaged(
            path: folder.codes(snapshot.state.generation),
            reason: "vectors \(piece.rows) differ from the float32 vectors")
        }
      }
    }
  }

  /// As `verify()`, without blocking a thread of Swift's cooperative pool.
  public func verify() async throws {
    try await BlockingWork.run { try self.verify() }
  }
}
