import Foundation

/// A folder for result files. One that had to be made is removed again unless a result is kept in it.
package final class OutputFolder {
  package let path: String
  private var isUnfinished: Bool

  /// Uses the folder at `path`, or makes it; the folder above it must exist.
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
          path: path, reason: "cannot be made: \(String(cString: strerror(errno)))")
      }
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw AttentionError.file(path: path, reason: "not a directory")
      }
      return false
    }
  }

  deinit {
    // A file in it may be deleted later; then the end of the process removes the folder.
    if isUnfinished, rmdir(path) == 0 { keep() }
  }

  /// Keeps the folder: its results are complete.
  package func keep() {
    isUnfinished = false
    UnfinishedOutput.paths.withLock { _ = $0.folders.remove(path) }
  }
}
