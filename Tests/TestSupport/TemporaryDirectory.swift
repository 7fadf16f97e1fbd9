import Attention
import Foundation

/// A directory of a test's own, removed with its last owner.
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

  /// The path of something in the directory, which need not exist.
  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, and the directories on the way to it.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>, to name: String = "file") throws -> String {
    let path = path(name)
    try makeDirectory((name as NSString).deletingLastPathComponent)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Makes a directory, and those on the way to it.
  @discardableResult
  package func makeDirectory(_ name: String) throws -> String {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
    return path(name)
  }

  /// Makes a symbolic link.
  @discardableResult
  package func link(_ name: String, to destination: String) throws -> String {
    let path = path(name)
    try makeDirectory((name as NSString).deletingLastPathComponent)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: destination)
    return path
  }

  /// Makes a pipe with a name, to which nobody writes.
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

  /// The names of everything in the directory.
  package var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
