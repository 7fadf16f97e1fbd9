import Foundation

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
    } else if errno == ENAMETOOLONG {
      // The temporary name is short: only the renaming, after the work, would fail.
      throw AttentionError.file(
        path: path, reason: "cannot be written: \(String(cString: strerror(ENAMETOOLONG)))")
    }
    self.path = path
    self.targetPath = target
    // A short name of its own: the final one may be as long as the system allows.
    let directory = target.utf8.lastIndex(of: UInt8(ascii: "/")).map { target[...$0] } ?? ""
    let temporary = "\(directory).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part"
    self.temporaryPath = temporary
    // Created and noted at once: `removeUnfinished()` may come at any moment.
    self.descriptor = try UnfinishedOutput.paths.withLock { paths in
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        throw AttentionError.file(
          path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
      }
      paths.files.insert(temporary)
      return descriptor
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    // Nothing to delete after `commit()`.
    let isUnfinished = UnfinishedOutput.paths.withLock { $0.files.remove(temporaryPath) != nil }
    if isUnfinished { unlink(temporaryPath) }
  }

  /// Deletes what has been written of every file that is not complete: for a process that is about
  /// to end.
  package static func removeUnfinished() { UnfinishedOutput.remove() }

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

  /// Makes the file appear under its name, replacing the file that had the name.
  ///
  /// - Throws: `AttentionError.file` with the system's reason.
  package func commit() throws { try Self.commit([self]) }

  /// Makes files of one result appear under their names, and deletes files of an earlier result that
  /// are not among them.
  ///
  /// Every file is written to its end before the first one gets its name. A signal that ends the process
  /// through `removeUnfinished()` waits until all files have their names.
  ///
  /// - Parameters:
  ///   - files: the files, each committed once.
  ///   - stalePaths: the files to delete; missing ones are skipped.
  /// - Throws: `AttentionError.file` with the system's reason.
  package static func commit(_ files: [OutputFile], deleting stalePaths: [String] = []) throws {
    for file in files { try file.finish() }
    try UnfinishedOutput.paths.withLock { paths in
      for file in files {
        guard rename(file.temporaryPath, file.targetPath) == 0 else {
          throw file.failure()
        }
        paths.files.remove(file.temporaryPath)
      }
      for path in stalePaths where unlink(path) != 0 && errno != ENOENT {
        throw AttentionError.file(
          path: path, reason: "cannot be deleted: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Closes the file, which reports what the system could not write.
  private func finish() throws {
    precondition(descriptor >= 0, "a file is committed once")
    let closed = close(descriptor)
    descriptor = -1
    if closed != 0 { throw failure() }
  }

  private func failure() -> AttentionError {
    .file(path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
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
