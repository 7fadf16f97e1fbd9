import TestSupport
import Testing

@testable import AttentionModels

/// A model's folder whose `config.json` tests spoil, one key at a time.
struct ConfigurationFile {
  let folder: TemporaryDirectory
  private let members: [String: String]

  /// A copy of a model's files.
  ///
  /// - Parameter members: the keys that the architecture is made of, and their values as JSON.
  init(_ members: [String: String], copy: (TemporaryDirectory) throws -> Void) throws {
    folder = try TemporaryDirectory()
    try copy(folder)
    self.members = members
  }

  /// Writes the file with other values; nil leaves a key out.
  func write(_ changes: [String: String?] = [:]) throws {
    var members = members
    for (key, value) in changes { members[key] = value }
    let lines = members.map { "\"\($0.key)\": \($0.value)" }
    try folder.write("{\(lines.joined(separator: ", "))}".utf8, to: "config.json")
  }

  var directory: ModelDirectory { get throws { try ModelDirectory(path: folder.path) } }
}
