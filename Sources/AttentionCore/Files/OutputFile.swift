import Foundation

/// A file that appears under its name only when it is complete.
///
/// Bytes are written to a temporary file in the same directory, which `commit()` renames. If anything fails
/// before the commit, an existing file at the path does not change, and the temporary file is deleted.
package final class OutputFile {
  package let path: String
  /// `path` with symbolic links resolved.
  private let targetPath: String
  private let temporaryPath: String
  private var descriptor: Int32

  /// Creates the temporary file, so that a path that cannot be written fails before any work.
  ///
  /// If `path` is a symbolic link, the file that it points to is replaced, and the link stays.
  ///
  /// - Throws: `AttentionError.file`: "is a directory", "not a regular file" (a device or a pipe, which
  ///   renaming would replace), or the system's reason.
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
      // rename() needs write permission only for the directory. This check protects a read-only
      // file.
      guard access(path, W_OK) == 0, let resolved = realpath(path, nil) else {
        throw AttentionError.file(
          path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
      }
      defer { free(resolved) }
      target = String(cString: resolved)
    } else if errno == ENAMETOOLONG {
      // The temporary name is short: the temporary file could be created, but the final rename would fail.
      throw AttentionError.file(
        path: path, reason: "cannot be written: \(String(cString: strerror(ENAMETOOLONG)))")
    }
    self.path = path
    self.targetPath = target
    // The temporary name is short, because the final name may already have the maximum length.
    let directory = target.utf8.lastIndex(of: UInt8(ascii: "/")).map { target[...$0] } ?? ""
    let temporary = "\(directory).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part"
    self.temporaryPath = temporary
    // Created and registered under one lock, because `removeUnfinished()` may be called at any
    // time.
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
    // After `commit()` there is nothing to delete.
    let isUnfinished = UnfinishedOutput.paths.withLock { $0.files.remove(temporaryPath) != nil }
    if isUnfinished { unlink(temporaryPath) }
  }

  /// Deletes the temporary files and new folders of all incomplete results. Call it before the
  /// process ends early.
  package static func removeUnfinished() { UnfinishedOutput.remove() }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    if let error = writeAll(bytes, to: descriptor) {
      throw AttentionError.file(
        path: path, reason: "cannot be written: \(String(cString: strerror(error)))")
    }
  }

  package func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Renames the temporary file to its final name and replaces an existing file.
  ///
  /// - Throws: `AttentionError.file` with the system's reason.
  package func commit() throws { try Self.commit([self]) }

  /// Renames several files of one result to their final names, then deletes stale files of an
  /// earlier result.
  ///
  /// All files are closed before the first one is renamed. A signal handler that calls
  /// `removeUnfinished()` waits until all files are renamed.
  ///
  /// - Parameters:
  ///   - files: the files; each can be committed once.
  ///   - stalePaths: the files to delete; missing files are skipped.
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

  /// Closes the file. close() reports delayed write errors.
  private func finish() throws {
    precondition(descriptor >= 0, "the file was already committed")
    let closed = close(descriptor)
    descriptor = -1
    if closed != 0 { throw failure() }
  }

  private func failure() -> AttentionError {
    .file(path: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
  }
}

/// Writes all of `bytes` to an open file. Returns nil, or the value of `errno` after a failure.
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
