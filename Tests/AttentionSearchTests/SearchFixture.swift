import AttentionSearch
import Foundation
import TestSupport

/// The fixtures of the models.
enum ModelFixtures: FixtureFolder {
  static let target = "AttentionModelsTests"
}

/// A tiny sentence model in a temporary folder, with room for an index.
struct SearchFixture: Sendable {
  let folder: TemporaryDirectory
  let model: SearchModel

  /// - Parameter name: a model of `Fixtures/Sentences`: `mean` has at most 12 tokens.
  init(_ name: String = "mean") throws {
    folder = try TemporaryDirectory()
    model = try Self.model(name, in: folder)
  }

  static func model(_ name: String, in folder: TemporaryDirectory) throws -> SearchModel {
    for part in ["BERT/plain", "Sentences/common", "Sentences/\(name)"] {
      try ModelFixtures.copy(part, into: folder, as: "models/\(name)")
    }
    return try SearchModel(folder.path("models/\(name)"))
  }

  var indexPath: String { folder.path("index") }

  func create(
    _ format: VectorFormat = .float32, passages: PassageOptions = PassageOptions()
  ) throws -> SearchIndex {
    try SearchIndex.create(
      at: indexPath, model: model, options: IndexOptions(format: format, passages: passages))
  }

  func open() throws -> SearchIndex { try SearchIndex(path: indexPath, model: model) }

  /// The files of the index, with their contents.
  func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: indexPath) {
      files[name] = Array(try Data(contentsOf: URL(fileURLWithPath: "\(indexPath)/\(name)")))
    }
    return files
  }

  /// Replaces all files of the index.
  func restore(_ files: [String: [UInt8]]) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: indexPath) {
      try FileManager.default.removeItem(atPath: "\(indexPath)/\(name)")
    }
    for (name, bytes) in files { try folder.write(bytes, to: "index/\(name)") }
  }
}

/// Short documents of the model's words: `count` different names and texts.
func shortDocuments(_ count: Int, from first: Int = 0) -> [SearchDocument] {
  let words = [
    "the", "cat", "sat", "on", "mat", "because", "it", "was", "tired", "river", "bank", "money",
  ]
  return (first..<first + count).map { index in
    let text = (0..<3).map { words[(index / [1, 12, 144][$0]) % 12] }.joined(separator: " ")
    return SearchDocument(name: "document \(index)", text: text, metadata: ["number": "\(index)"])
  }
}
