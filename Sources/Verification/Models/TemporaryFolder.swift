import AttentionCore
import Foundation
import Synchronization

/// A folder for the files of a model. It is removed when this object is released, or when the process ends
/// early.
package final class TemporaryFolder {
  let path: String
  private static let folders = Mutex(Folders())

  private struct Folders {
    var paths: Set<String> = []
    /// Whether the process ends: no more files are written, so that all folders can be removed.
    var isEnding = false

    func requireWriting() throws {
      if isEnding { throw CancellationError() }
    }
  }

  /// - Throws: `AttentionError.file` if the folder cannot be created; `CancellationError` if the process ends.
  init(named name: String) throws {
    let parent = FileManager.default.temporaryDirectory.path
    let path = "\(parent)/\(name)-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    self.path = path
    // Created and registered under one lock, because `removeAll()` may be called at any time.
    try Self.folders.withLock { folders in
      try folders.requireWriting()
      guard mkdir(path, 0o700) == 0 else {
        throw AttentionError.file(
          path: path, reason: "cannot be created: \(String(cString: strerror(errno)))")
      }
      folders.paths.insert(path)
    }
  }

  /// - Throws: `CancellationError` if the process ends.
  func write(_ bytes: [UInt8], to name: String) throws {
    try Self.folders.withLock { folders in
      try folders.requireWriting()
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    Self.folders.withLock { _ = $0.paths.remove(path) }
  }

  /// Removes all folders, because the process ends.
  package static func removeAll() {
    folders.withLock { folders in
      folders.isEnding = true
      for folder in folders.paths { try? FileManager.default.removeItem(atPath: folder) }
    }
  }
}
