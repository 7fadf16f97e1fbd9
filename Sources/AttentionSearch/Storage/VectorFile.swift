import AttentionCore
import Foundation

/// A file of rows with the same number of bytes, to which rows are appended. The caller holds the write lock of the
/// database.
final class VectorFile {
  private let path: String
  private let descriptor: Int32
  private let rowByteCount: Int
  private var rowCount: Int

  /// Opens the file for appending after its first `rowCount` rows, and removes what follows them: the rows of a change
  /// that was interrupted.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)`` if the file has fewer rows; ``SearchError/storage(path:reason:)``.
  init(path: String, rowByteCount: Int, rowCount: Int) throws {
    self.path = path
    self.rowByteCount = rowByteCount
    self.rowCount = rowCount
    descriptor = open(
      path, O_RDWR | O_CLOEXEC | (rowCount == 0 ? O_CREAT : 0), 0o666)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? SearchError.damaged(path: path, reason: "the file is missing") : Self.failure(path)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    let expected = rowCount * rowByteCount
    guard Int(status.st_size) >= expected else {
      throw Self.truncated(path, expected: expected, found: Int(status.st_size))
    }
    guard Int(status.st_size) == expected || ftruncate(descriptor, off_t(expected)) == 0 else {
      throw Self.failure(path)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends rows.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard lseek(descriptor, off_t(rowCount * rowByteCount), SEEK_SET) >= 0,
      writeAll(bytes, to: descriptor) == nil
    else { throw Self.failure(path) }
    rowCount += bytes.count / rowByteCount
  }

  /// Waits until the rows are on the disk.
  func synchronize() throws {
    guard fdatasync(descriptor) == 0 else { throw Self.failure(path) }
  }

  static func truncated(_ path: String, expected: Int, found: Int) -> SearchError {
    .damaged(path: path, reason: "\(found) bytes, expected at least \(expected)")
  }

  private static func failure(_ path: String) -> SearchError {
    .storage(path: path, reason: String(cString: strerror(errno)))
  }
}
