import Attention
import Foundation

/// The fixtures of one test target: the files in `Tests/TARGET/Fixtures`, which `Scripts/fixtures` writes.
///
/// ```swift
/// enum Fixtures: FixtureFolder { static let target = "TokenizersTests" }
/// ```
package protocol FixtureFolder {
  /// The name of the test target.
  static var target: String { get }
}

extension FixtureFolder {
  /// The path of a file or folder.
  package static func path(_ name: String) -> String {
    ArticleCode.root(of: #filePath, depth: 3)
      .appendingPathComponent("Tests/\(target)/Fixtures/\(name)").path
  }

  /// A JSON file, decoded.
  package static func json<Value: Decodable>(
    _ name: String, as type: Value.Type = Value.self
  ) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// The array of strings in a JSON file.
  package static func strings(_ name: String) throws -> [String] { try json(name) }

  /// The elements of an `int64` array.
  package static func integers(_ name: String) throws -> [Int] {
    guard case .int64(let values) = try NPYArray(contentsOf: path(name)).elements else {
      throw AttentionError.file(path: name, reason: "not int64")
    }
    return values.map { Int($0) }
  }

  /// The elements of a `float64` array.
  package static func doubles(_ name: String) throws -> [Double] {
    guard case .float64(let values) = try NPYArray(contentsOf: path(name)).elements else {
      throw AttentionError.file(path: name, reason: "not float64")
    }
    return values
  }

  /// A `float32` array.
  package static func tensor(_ name: String) throws -> Tensor { try Tensor(npy: path(name)) }

  /// Copies a file, or everything in a folder, to a temporary directory.
  package static func copy(
    _ name: String, into directory: TemporaryDirectory, as target: String? = nil
  ) throws {
    let source = path(name)
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: source, isDirectory: &isFolder)
    guard isFolder.boolValue else {
      let target = target ?? (name as NSString).lastPathComponent
      try directory.write(Data(contentsOf: URL(fileURLWithPath: source)), to: target)
      return
    }
    for entry in try FileManager.default.contentsOfDirectory(atPath: source) {
      try copy(
        "\(name)/\(entry)", into: directory, as: target.map { "\($0)/\(entry)" } ?? entry)
    }
  }
}

/// The tokenizers of many families; `Scripts/fixtures/tokenizer_families.py` writes them.
package enum TokenizerFamilies: FixtureFolder {
  package static let target = "TokenizersTests"

  /// The folder of a family's tokenizer.
  package static func folder(_ name: String) -> String { path("Families/\(name)") }
}
