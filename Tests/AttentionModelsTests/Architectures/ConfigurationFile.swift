import TestSupport
import Testing

@testable import AttentionModels

/// A model's folder for tests that change keys of its `config.json`.
struct ConfigurationFile {
  let folder: TemporaryDirectory
  private let members: [String: String]

  /// A copy of a model's files.
  ///
  /// - Parameter members: the keys of the architecture, with their values as JSON.
  init(_ members: [String: String], copy: (TemporaryDirectory) throws -> Void) throws {
    folder = try TemporaryDirectory()
    try copy(folder)
    self.members = members
  }

  /// Writes the file with other values; nil removes a key.
  func write(_ changes: [String: String?] = [:]) throws {
    var members = members
    for (key, value) in changes { members[key] = value }
    let lines = members.map { "\"\($0.key)\": \($0.value)" }
    try folder.write("{\(lines.joined(separator: ", "))}".utf8, to: "config.json")
  }

  /// Expects errors for a size of another type or out of range.
  ///
  /// - Parameters:
  ///   - range: the beginning of the range in the error.
  ///   - failure: the error of a file with these changes.
  func expectRefused(size key: String, range: String = "", failure: ([String: String?]) -> String) {
    for value in ["\"24\"", "24.5", "[24]", "{}", "true"] {
      let text = failure([key: value])
      #expect(text.contains("config.json: \(key): expected integer"), "\(text)")
    }
    for value in ["0", "-1", "1e18", "1000000000000000000", "18446744073709551616"] {
      let text = failure([key: value])
      #expect(text.contains("\(key): expected integer in the range \(range)"), "\(text)")
      #expect(text.hasSuffix("got \(value)"), "\(text)")
    }
  }

  var directory: ModelDirectory { get throws { try ModelDirectory(path: folder.path) } }
}
