import AttentionCore
import Foundation

/// A temporary folder in which inputs become files.
final class FuzzFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  var directory: ModelDirectory { get throws { try ModelDirectory(path: path) } }
}

/// The path of a fixture of the tests.
func fixturePath(_ name: String, of target: String, from file: String = #filePath) -> String {
  let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
  return tests.appendingPathComponent("\(target)/Fixtures/\(name)").path
}
