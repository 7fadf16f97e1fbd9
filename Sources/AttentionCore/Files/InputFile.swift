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
    try requirePath(path)
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
    try elements(count: range.count, at: range.lowerBound)
  }

  /// `count` elements as their bytes stand in the file from `position` on.
  ///
  /// The element type must be one of which every bit pattern is a value: a number, not `Bool`.
  ///
  /// - Throws: `AttentionError.file` with "short read" when the file has fewer, before any memory is
  ///   taken; `AttentionError.memory` when that is not to be had.
  package func elements<Element: BitwiseCopyable>(
    count: Int, at position: Int
  ) throws -> [Element] {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, position <= self.byteCount, byteCount <= self.byteCount - position else {
      throw AttentionError.file(
        path: path,
        reason: "short read: \(count) elements at offset \(position) of \(self.byteCount) bytes")
    }
    try requireMemory(byteCount: byteCount, purpose: "reading \(path)")
    return try [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      let wanted = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
      try read(into: UnsafeMutableRawBufferPointer(wanted), at: position)
      initializedCount = count
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

/// Refuses a path that the system would read only a part of.
///
/// - Throws: `AttentionError.file` for an empty path and for one with a NUL in it.
func requirePath(_ path: String) throws {
  guard !path.isEmpty else { throw AttentionError.file(path: "\"\"", reason: "an empty path") }
  guard !path.utf8.contains(0) else {
    throw AttentionError.file(path: path, reason: "a path with a NUL in it")
  }
}

/// Refuses what the system would not grant, where Swift's own arrays would end the process.
///
/// - Throws: `AttentionError.memory`.
package func requireMemory(byteCount: Int, purpose: @autoclosure () -> String) throws {
  guard byteCount >= 1 << 24 else { return }  // below 16 MB asking costs more than it tells
  // Not malloc and free, a pair that an optimiser may drop.
  let probe = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  guard let probe, probe != MAP_FAILED else {
    throw AttentionError.memory(byteCount: byteCount, purpose: purpose())
  }
  munmap(probe, byteCount)
}

/// The system's last error, about `path`.
package func systemError(path: String) -> AttentionError {
  let reason = errno == ENOENT ? "no such file" : String(cString: strerror(errno))
  return .file(path: path, reason: reason)
}
