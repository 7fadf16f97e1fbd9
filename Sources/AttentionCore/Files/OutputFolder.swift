import Foundation

/// A folder for result files. If this object created the folder and `keep()` is not called, the
/// folder is removed again.
package final class OutputFolder {
  package let path: String
  private var isUnfinished: Bool

  /// Uses the folder at `path`, or creates it. The parent folder must exist.
  ///
  /// - Throws: `AttentionError.file`: "not a directory", or the system's reason.
  package init(path: String) throws {
    try requirePath(path)
    self.path = path
    isUnfinished = try UnfinishedOutput.paths.withLock { paths in
      if mkdir(path, 0o777) == 0 {
        paths.folders.insert(path)
        return true
      }
      guard errno == EEXIST else {
        throw AttentionError.file(
          path: path, reason: "cannot be created: \(String(cString: strerror(errno)))")
      }
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw AttentionError.file(path: path, reason: "not a directory")
      }
      return false
    }
  }

  deinit {
    // rmdir fails while the folder still has files. `UnfinishedOutput.remove()` then removes the
    // folder when the process ends.
    if isUnfinished, rmdir(path) == 0 { keep() }
  }

  /// Keeps the folder, because its results are complete.
  package func keep() {
    isUnfinished = false
    UnfinishedOutput.paths.withLock { _ = $0.folders.remove(path) }
  }
}
