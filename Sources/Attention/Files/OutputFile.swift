import Foundation
import Synchronization

/// A file that appears under its name only once it is complete.
///
/// Writing goes to a file beside the final one, which `commit()` renames; a failure on the way
/// leaves what stood there before, and nothing else.
package final class OutputFile {
  package let path: String
  /// `path`, or where it leads if that is a symbolic link.
  private let targetPath: String
  private let temporaryPath: String
  private var descriptor: Int32

  /// Creates the temporary file, so that a path which cannot be written is refused before any work.
  ///
  /// A symbolic link stays one: what it leads to is replaced.
  ///
  /// - Throws: `AttentionError.file`: "is a directory", "not a regular file" (a device or a pipe,
  ///   which renaming would destroy), or the system's reason.
  package init(path: String) throws {
    try requirePath(path)
    var target = path
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw AttentionError.file(path: path, reason: "is a directory")
      default: throw AttentionError.file(path: path, reason: "not a regular file")
      }
      // Renaming asks for the directory's permission only; a file marked read-only is meant to stay.
      guard access(path, W_OK) == 0, let resolved = realpath(path, nil) else {
        throw AttentionError.file(
          path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
      }
      defer { free(resolved) }
      target = String(cString: resolved)
    }
    self.path = path
    self.targetPath = target
    // A short name of its own: the final one may be as long as the system allows.
    let directory = target.utf8.lastIndex(of: UInt8(ascii: "/")).map { target[...$0] } ?? ""
    let temporary = "\(directory).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part"
    self.temporaryPath = temporary
    // Created and noted at once: `removeUnfinished()` may come at any moment.
    self.descriptor = try Self.unfinished.withLock { paths in
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        throw AttentionError.file(
          path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
      }
      paths.insert(temporary)
      return descriptor
    }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      discard()
    }
  }

  private static let unfinished = Mutex<Set<String>>([])

  /// Deletes what has been written of every file that is not complete: for a process that is about
  /// to end.
  package static func removeUnfinished() {
    unfinished.withLock { paths in
      for path in paths { unlink(path) }
      paths.removeAll()
    }
  }

  private func discard() {
    unlink(temporaryPath)
    forget()
  }

  private func forget() {
    Self.unfinished.withLock { _ = $0.remove(temporaryPath) }
  }

  /// Appends `bytes`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    if let error = writeAll(bytes, to: descriptor) {
      throw AttentionError.file(
        path: path, reason: "cannot be written: \(String(cString: strerror(error)))")
    }
  }

  /// Appends `bytes`.
  package func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Makes the file appear under its name, replacing what stood there.
  package func commit() throws {
    precondition(descriptor >= 0, "a file is committed once")
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, rename(temporaryPath, targetPath) == 0 else {
      let error = AttentionError.file(
        path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
      discard()
      throw error
    }
    forget()
  }
}

/// Writes all of `bytes` to an open file; the system's error number if that fails.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
  var done = 0
  while done < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count < 0 {
      if errno == EINTR { continue }
      return errno
    }
    done += count
  }
  return nil
}
