import Attention
import AttentionModels
import Foundation

/// Refuses a path that names nothing to read, before any work: exit status 2.
func requireReadable(_ path: String) throws {
  guard !path.isEmpty else { throw Failure.Usage("\"\": an empty path") }
  var status = stat()
  guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
    throw Failure.Usage(systemError(path: path))
  }
  guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure.Usage("\(path): is a directory") }
}

/// Opens a file for the result, before any work: what cannot be written is exit status 2.
func openOutput(_ path: String) throws -> OutputFile {
  do {
    return try OutputFile(path: path)
  } catch {
    throw Failure.Usage(error)
  }
}

/// Refuses two paths that lead to the same file, before any of them is opened: exit status 2.
func requireDistinct(_ paths: [String]) throws {
  var seen: [String: String] = [:]
  for path in paths {
    if let other = seen.updateValue(path, forKey: destination(of: path)) {
      let both = path == other ? path : "\(other) and \(path)"
      throw Failure.Usage("\(both): the same file for two results")
    }
  }
}

/// Where a file of that path is or would be, links and all.
private func destination(of path: String) -> String {
  let url = URL(fileURLWithPath: path)
  if let file = realpath(path, nil) {
    defer { free(file) }
    return String(cString: file)
  }
  guard let folder = realpath(url.deletingLastPathComponent().path, nil) else { return path }
  defer { free(folder) }
  return String(cString: folder) + "/" + url.lastPathComponent
}
