import Foundation

/// A regular file open for reading at any position.
///
/// Reads go through `pread`, never through a memory map: a file that is cut short while it is open
/// is then an error, not a signal that ends the process.
package final class InputFile: Sendable {
  package let path: String
  /// The size when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// Opens the regular file at `path`, following symbolic links.
  ///
  /// - Throws: `AttentionError.file`: "no such file", "not a regular file", or the system's reason.
  package init(path: String) throws {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(path: path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      defer { close(descriptor) }
      throw systemError(path: path)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw AttentionError.file(path: path, reason: "not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    self.byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from the byte at `position` on.
  ///
  /// - Throws: `AttentionError.file` with "short read" when the file ends before the buffer is full.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(position + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw systemError(path: path)
      }
      guard count > 0 else {
        throw AttentionError.file(
          path: path,
          reason: "short read: \(done) of \(buffer.count) bytes at offset \(position)")
      }
      done += count
    }
  }

  /// The bytes of `range`.
  ///
  /// - Throws: `AttentionError.file` when the file has fewer.
  package func bytes(in range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initializedCount in
      try read(
        into: UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count]),
        at: range.lowerBound)
      initializedCount = range.count
    }
  }

  /// The whole of the file at `path`, refused beyond `limit` bytes.
  package static func contents(ofFile path: String, limit: Int) throws -> [UInt8] {
    let file = try InputFile(path: path)
    guard file.byteCount <= limit else {
      throw AttentionError.file(
        path: path, reason: "\(file.byteCount) bytes, more than the \(limit) that are accepted")
    }
    return try file.bytes(in: 0..<file.byteCount)
  }
}

/// The system's last error, about `path`.
package func systemError(path: String) -> AttentionError {
  let reason = errno == ENOENT ? "no such file" : String(cString: strerror(errno))
  return .file(path: path, reason: reason)
}
