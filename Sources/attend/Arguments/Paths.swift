import Attention
import AttentionModels
import Foundation

/// A path that the user typed, with its flag: `--keys k.npy`.
struct TypedPath: CustomStringConvertible {
  /// The flag; nil for a path that is an argument.
  let flag: String?
  let path: String

  var description: String {
    (flag.map { $0 + " " } ?? "") + (path.isEmpty ? "\"\"" : printable(path, limit: 4096))
  }

  /// Refuses a path that cannot be read, before any work: exit status 2.
  func requireReadable() throws {
    guard !path.isEmpty else { throw refusal("an empty path") }
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
      throw refusal(errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw refusal("is a directory") }
  }

  /// Opens a file for a result, before any work: exit status 2 where it cannot be written.
  func openOutput() throws -> OutputFile {
    try usage { try OutputFile(path: path) }
  }

  /// Calls `body` with the path; errors about the file name the flag.
  func read<Value>(_ body: (String) throws -> Value) throws -> Value {
    do {
      return try body(path)
    } catch AttentionError.file(path, let reason) {
      throw AttentionError.file(path: description, reason: reason)
    }
  }

  /// Calls `body`; errors about the file become usage errors that name the flag.
  func usage<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch AttentionError.file(_, let reason) {
      throw refusal(reason)
    }
  }

  func refusal(_ reason: String) -> Failure.Usage { Failure.Usage("\(self): \(reason)") }

  /// The path of the file, which need not exist, with its links resolved.
  var destination: String {
    if let file = realpath(path, nil) {
      defer { free(file) }
      return String(cString: file)
    }
    let url = URL(fileURLWithPath: path)
    guard let folder = realpath(url.deletingLastPathComponent().path, nil) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + url.lastPathComponent
  }
}

/// Refuses a path that cannot be read, before any work: exit status 2.
func requireReadable(_ path: String, flag: String? = nil) throws {
  try TypedPath(flag: flag, path: path).requireReadable()
}

/// Opens a file for a result, before any work: exit status 2 where it cannot be written.
func openOutput(_ path: String, flag: String? = nil) throws -> OutputFile {
  try TypedPath(flag: flag, path: path).openOutput()
}

/// Refuses two paths that lead to the same file, before any of them is opened: exit status 2.
func requireDistinct(_ paths: [TypedPath]) throws {
  var seen: [String: TypedPath] = [:]
  for path in paths {
    if let other = seen.updateValue(path, forKey: path.destination) {
      throw Failure.Usage("\(other) and \(path): the same file for two results")
    }
  }
}
