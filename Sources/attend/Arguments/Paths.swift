import Attention
import AttentionModels
import Foundation

/// Refuses a path that names no file, before any work: exit status 2.
func requireInput(_ path: String) throws {
  guard FileManager.default.fileExists(atPath: path) else {
    throw Failure.Usage("\(path): no such file")
  }
}

/// Opens a file for the result, before any work: what cannot be written is exit status 2.
func openOutput(_ path: String) throws -> OutputFile {
  do {
    return try OutputFile(path: path)
  } catch {
    throw Failure.Usage(error)
  }
}
