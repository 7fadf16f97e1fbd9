import AttentionCore
import AttentionModels
import Synchronization

/// A search index in a folder: documents, and the vectors of their passages.
///
/// ```swift
/// let model = try SearchModel("all-MiniLM-L6-v2")
/// let index = try SearchIndex.create(at: "notes.index", model: model)
/// try index.add([SearchDocument(name: "cat", text: "A cat sat on the mat.")])
/// for result in try index.search("feline", top: 3) { print(result.score, result.document) }
/// ```
///
/// Each change is one transaction: processes that read see the index before or after it, also if the writing process
/// is killed. Any number of processes and tasks can read while one writes. Every vector and document has a checksum;
/// damage is an error, never a wrong result.
public final class SearchIndex: Sendable {
  /// The path of the folder.
  public var path: String { folder.path }
  /// The model, the format and the options that the index was created with.
  public let settings: IndexSettings
  /// The model of the index.
  public let model: SearchModel

  let folder: IndexFolder
  let database: IndexDatabase
  private let loaded = Mutex<IndexSnapshot?>(nil)

  private init(
    folder: IndexFolder, database: IndexDatabase, settings: IndexSettings, model: SearchModel
  ) {
    (self.folder, self.database, self.settings, self.model) = (folder, database, settings, model)
  }

  /// Creates an index without documents.
  ///
  /// - Parameters:
  ///   - path: the folder, which must not exist or be empty. Its parent folder must exist.
  ///   - model: the model whose vectors the index has.
  ///   - options: the format of the vectors, and how documents are cut.
  /// - Throws: ``SearchError/notAnIndex(path:reason:)`` if there already is an index or another file;
  ///   ``SearchError/unsupported(_:)`` for a model whose similarity is a distance; `AttentionError.argument` for
  ///   invalid options.
  public static func create(
    at path: String, model: SearchModel, options: IndexOptions = IndexOptions()
  ) throws -> SearchIndex {
    let settings = try IndexSettings(model: model, options: options)
    let folder = IndexFolder(path: path)
    try folder.create()
    let database = try IndexDatabase(folder: folder)
    try database.write { connection in
      guard try !connection.hasTables() else {
        throw SearchError.notAnIndex(path: path, reason: "the folder already has an index")
      }
      try connection.createTables(settings)
    }
    return SearchIndex(folder: folder, database: database, settings: settings, model: model)
  }

  /// Opens an index, and loads its vectors and its model.
  ///
  /// - Parameters:
  ///   - path: the folder of the index.
  ///   - model: the model; nil loads the model that the index names.
  /// - Throws: ``SearchError/notAnIndex(path:reason:)``; ``SearchError/otherModel(path:index:given:)``, which names
  ///   both models; ``SearchError/damaged(path:reason:)``; the errors of loading the model.
  /// - Complexity: reads all vectors in the format of the search once.
  public convenience init(path: String, model: SearchModel? = nil) throws {
    let folder = IndexFolder(path: path)
    let (database, settings) = try Self.open(folder)
    let model = try model ?? SearchModel(settings.modelName)
    try settings.require(model, path: path)
    self.init(folder: folder, database: database, settings: settings, model: model)
    _ = try snapshot()
  }

  /// Opens an index without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as ``init(path:model:)``; `CancellationError` if the current task is cancelled.
  public static func open(path: String, model: SearchModel? = nil) async throws -> SearchIndex {
    try await BlockingWork.run { try SearchIndex(path: path, model: model) }
  }

  /// The settings of an index, read without its vectors and its model.
  ///
  /// - Throws: ``SearchError/notAnIndex(path:reason:)``; ``SearchError/damaged(path:reason:)``.
  public static func settings(path: String) throws -> IndexSettings {
    try open(IndexFolder(path: path)).settings
  }

  /// Whether a folder has an index.
  public static func exists(path: String) -> Bool {
    guard IndexFolder(path: path).hasDatabase else { return false }
    do {
      _ = try settings(path: path)
      return true
    } catch SearchError.notAnIndex {
      return false
    } catch {
      // A damaged index is an index.
      return true
    }
  }

  private static func open(
    _ folder: IndexFolder
  ) throws -> (database: IndexDatabase, settings: IndexSettings) {
    try folder.requireDatabase()
    let database = try IndexDatabase(folder: folder)
    try database.checkStructure(always: false)
    let settings = try database.read { connection in
      guard try connection.hasTables() else {
        throw SearchError.notAnIndex(
          path: folder.path, reason: "an index that was never completed; create it again")
      }
      return try connection.settings()
    }
    return (database, settings)
  }

  // MARK: State

  /// The current state, read again if another process or task has changed the index.
  func snapshot() throws -> IndexSnapshot {
    while true {
      var seen: Int?
      do {
        return try database.read { connection in
          seen = try connection.state().version
          return try loaded.withLock { loaded in
            let snapshot = try IndexSnapshot.load(
              connection, folder: folder, settings: settings, after: loaded)
            loaded = snapshot
            return snapshot
          }
        }
      } catch let error as SearchError {
        // Compaction deletes the files of an earlier state.
        let now = try? database.read { try $0.state().version }
        guard let seen, let now, now != seen else { throw error }
      }
    }
  }

  /// The number of documents.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)``.
  public var documentCount: Int {
    get throws { try database.read { try $0.state().documentCount } }
  }

  /// The number of passages.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)``.
  public var passageCount: Int { get throws { try database.read { try $0.state().passageCount } } }

  /// The names of all documents, in the order of their UTF-8 bytes.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)``.
  public func documentNames() throws -> [String] { try database.read { try $0.documentNames() } }

  /// A document by name; nil if there is none.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)``.
  public func document(named name: String) throws -> SearchDocument? {
    try database.read { connection in
      try connection.document(named: name).flatMap { try connection.content(of: $0)?.document }
    }
  }
}
