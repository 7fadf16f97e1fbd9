import AttentionCore
import Foundation

/// The files of an index:
///
///     index.sqlite          settings, documents, passages and checksums, in WAL mode
///     vectors-GENERATION    float32, little-endian, [row, feature]
///     codes-GENERATION      the same vectors in the format of the search, for int8 and binary
///
/// A change appends rows to the vector files, waits until they are on the disk, and then commits a transaction of the
/// database. Rows that no transaction has committed are ignored, and overwritten by the next change. So the database's
/// transaction is the only point at which a change appears.
struct IndexFolder: Sendable {
  let path: String

  var database: String { "\(path)/index.sqlite" }
  func vectors(_ generation: Int) -> String { "\(path)/vectors-\(generation)" }
  func codes(_ generation: Int) -> String { "\(path)/codes-\(generation)" }

  /// Whether the folder has a database.
  var hasDatabase: Bool { FileManager.default.fileExists(atPath: database) }

  /// - Throws: ``SearchError/notAnIndex(path:reason:)``.
  func requireDatabase() throws {
    guard isDirectory(path) else {
      let exists = FileManager.default.fileExists(atPath: path)
      throw SearchError.notAnIndex(
        path: path, reason: exists ? "a file; expected the folder of an index" : "no such folder")
    }
    guard hasDatabase else {
      throw SearchError.notAnIndex(path: path, reason: "no index: index.sqlite is missing")
    }
  }

  /// Creates the folder, or accepts an empty one.
  ///
  /// - Throws: ``SearchError/notAnIndex(path:reason:)`` for a folder with other files.
  func create() throws {
    if mkdir(path, 0o777) != 0 {
      guard errno == EEXIST else {
        throw SearchError.notAnIndex(
          path: path, reason: "cannot be created: \(String(cString: strerror(errno)))")
      }
      guard isDirectory(path) else {
        throw SearchError.notAnIndex(path: path, reason: "a file; expected a new folder")
      }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      guard names.allSatisfy({ $0.hasPrefix("index.sqlite") }) else {
        throw SearchError.notAnIndex(path: path, reason: "the folder has other files")
      }
    }
  }

  /// Deletes the vector files of other generations, which an interrupted compaction may have left.
  func removeFiles(except generation: Int) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names {
      for prefix in ["vectors-", "codes-"] where name.hasPrefix(prefix) {
        guard let number = Int(name.dropFirst(prefix.count)), number != generation else { continue }
        unlink("\(path)/\(name)")
      }
    }
  }
}
