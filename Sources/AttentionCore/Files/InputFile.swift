import Foundation

/// A regular file, open for reading at any position.
///
/// Reads use `pread`, not a memory map. If another process truncates the file, a read throws an
/// error; with a memory map, the process would get SIGBUS.
package final class InputFile: Sendable {
  package let path: String
  /// The size of the file when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// The number of bytes that are read between two checks for cancellation: 10 ms on a disk with 400 MB/s.
  private static let bytesBetweenChecks = 4 << 20

  /// Opens the regular file at `path`, following symbolic links.
  ///
  /// - Throws: `AttentionError.file`: "no such file", "not a regular file", or the system's reason.
  package init(path: String) throws {
    try requirePath(path)
    // Without O_NONBLOCK, opening a FIFO that has no writer would block.
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

  /// Fills `buffer` with the bytes that start at `position`.
  ///
  /// - Throws: `AttentionError.file` with "short read" if the file ends before the buffer is full;
  ///   `CancellationError` if the current task is cancelled.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws {
    var done = 0
    while done < buffer.count {
      try Cancellation.check()
      let rest = UnsafeMutableRawBufferPointer(
        rebasing: buffer[done..<min(done + Self.bytesBetweenChecks, buffer.count)])
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

  /// The bytes at `range`.
  ///
  /// - Throws: `AttentionError.file` if the file is shorter.
  package func bytes(in range: Range<Int>) throws -> [UInt8] {
    try elements(count: range.count, at: range.lowerBound)
  }

  /// Reads `count` elements at the byte `position`, in the file's byte order.
  ///
  /// Every bit pattern of `Element` must be a valid value: numbers, not `Bool`.
  ///
  /// - Throws: `AttentionError.file` with "short read" if the file is too short, before any
  ///   allocation; `AttentionError.memory` if the allocation fails.
  package func elements<Element: BitwiseCopyable>(
    count: Int, at position: Int
  ) throws -> [Element] {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow, position <= self.byteCount, byteCount <= self.byteCount - position else {
      throw AttentionError.file(
        path: path,
        reason: "short read: \(count) elements at offset \(position), "
          + "but the file has \(self.byteCount) bytes")
    }
    try requireMemory(byteCount: byteCount, purpose: "reading \(printable(path))")
    return try [Element](uninitializedCount: count) {
      try read(into: UnsafeMutableRawBufferPointer($0), at: position)
    }
  }

  /// The whole content of the file at `path`.
  ///
  /// - Throws: `AttentionError.file` if the file cannot be read, is larger than the limit of its kind, or is a Git
  ///   LFS pointer; `AttentionError.memory`.
  package static func contents(ofFile path: String, kind: FileKind) throws -> [UInt8] {
    let file = try InputFile(path: path)
    try kind.check(byteCount: file.byteCount, path: path)
    try file.requireNoLFSPointer()
    return try file.bytes(in: 0..<file.byteCount)
  }

  /// The whole content of the file at `path`; throws if it has more than `limit` bytes, or is a Git LFS
  /// pointer.
  package static func contents(ofFile path: String, limit: Int) throws -> [UInt8] {
    let file = try InputFile(path: path)
    guard file.byteCount <= limit else {
      throw AttentionError.file(
        path: path, reason: "\(file.byteCount) bytes, more than the limit of \(limit)")
    }
    try file.requireNoLFSPointer()
    return try file.bytes(in: 0..<file.byteCount)
  }
}
