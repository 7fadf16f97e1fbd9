import Attention
import AttentionModels
import Foundation

/// A path that the user typed, with its flag: `--keys k.npy`.
struct TypedPath: CustomStringConvertible {
  /// nil for a positional argument.
  let flag: String?
  let path: String

  var description: String {
    (flag.map { $0 + " " } ?? "") + (path.isEmpty ? "\"\"" : printable(path, limit: 4096))
  }

  /// Throws a usage error if the file cannot be read. Call this before any work.
  func requireReadable() throws {
    guard !path.isEmpty else { throw refusal("an empty path") }
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
      throw refusal(errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw refusal("is a directory") }
  }

  /// Opens an output file, or throws a usage error. Call this before any work.
  func openOutput() throws -> OutputFile {
    try usage { try OutputFile(path: path) }
  }

  /// Calls `body` with the path and adds the flag to its errors about the file.
  func read<Value>(_ body: (String) throws -> Value) throws -> Value {
    do {
      return try body(path)
    } catch AttentionError.file(path, let reason) {
      throw AttentionError.file(path: description, reason: reason)
    }
  }

  /// Calls `body` and turns its errors about the file into usage errors with the flag.
  func usage<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch AttentionError.file(_, let reason) {
      throw refusal(reason)
    }
  }

  func refusal(_ reason: String) -> CLIError.Usage { CLIError.Usage("\(self): \(reason)") }

  /// The path with symbolic links resolved; the file need not exist.
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

/// Throws a usage error if the file cannot be read. Call this before any work.
func requireReadable(_ path: String, flag: String? = nil) throws {
  try TypedPath(flag: flag, path: path).requireReadable()
}

/// Opens an output file, or throws a usage error. Call this before any work.
func openOutput(_ path: String, flag: String? = nil) throws -> OutputFile {
  try TypedPath(flag: flag, path: path).openOutput()
}

/// Throws a usage error if two output paths are the same file. Call this before opening the files.
func requireDistinct(_ paths: [TypedPath]) throws {
  var seen: [String: TypedPath] = [:]
  for path in paths {
    if let other = seen.updateValue(path, forKey: path.destination) {
      throw CLIError.Usage("\(other) and \(path): two results cannot go to the same file")
    }
  }
}
