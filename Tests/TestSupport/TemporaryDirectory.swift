import Attention
import Foundation

/// A new temporary directory, removed when its last owner releases it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("attention-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A path in the directory; there need not be a file.
  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and creates its parent directories.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>, to name: String = "file") throws -> String {
    let path = path(name)
    try makeDirectory((name as NSString).deletingLastPathComponent)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Creates a directory and its parent directories.
  @discardableResult
  package func makeDirectory(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
    return path(name)
  }

  /// Creates a symbolic link.
  @discardableResult
  package func link(_ name: String, to destination: String) throws -> String {
    let path = path(name)
    try makeDirectory((name as NSString).deletingLastPathComponent)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: destination)
    return path
  }

  /// Creates a named pipe without a writer.
  package func pipe(_ name: String) throws -> String {
    let path = path(name)
    guard mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    return path
  }

  /// Replaces part of a text file.
  ///
  /// - Throws: an error if the text is not in the file.
  package func edit(_ name: String, replacing old: String, with new: String) throws {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    guard text.contains(old) else {
      throw AttentionError.file(path: name, reason: "without \(old)")
    }
    try write(text.replacingOccurrences(of: old, with: new).utf8, to: name)
  }

  /// The names of all files in the directory.
  package var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
