import Foundation

/// The last error of the system (`errno`) for the file at `path`.
package func systemError(path: String) -> AttentionError {
  let reason = errno == ENOENT ? "no such file" : String(cString: strerror(errno))
  return .file(path: path, reason: reason)
}

/// Checks that a path is not empty and contains no NUL: the system would ignore the rest after a NUL.
///
/// - Throws: `AttentionError.file`.
func requirePath(_ path: String) throws {
  guard !path.isEmpty else { throw AttentionError.file(path: "\"\"", reason: "an empty path") }
  guard !path.utf8.contains(0) else {
    throw AttentionError.file(path: path, reason: "a path that contains a NUL")
  }
}
