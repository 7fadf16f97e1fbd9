import Foundation
import Fuzzing
import TestSupport

/// The first inputs of the fuzzer, and its findings; `Scripts/fixtures/fuzz_corpora.py` writes them.
enum Corpora {
  private static let folder = ArticleCode.root(of: #filePath, depth: 3)
    .appendingPathComponent("Tests/FuzzingTests/Corpora")

  /// The inputs of a target, by name.
  static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent(target.rawValue).path)
    return try names.sorted().map { ($0, try input($0, of: target)) }
  }

  static func input(_ name: String, of target: FuzzTarget) throws -> [UInt8] {
    let path = folder.appendingPathComponent("\(target.rawValue)/\(name)")
    return [UInt8](try Data(contentsOf: path))
  }
}
