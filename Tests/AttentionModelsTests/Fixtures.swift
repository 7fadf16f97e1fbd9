import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// The folder that the fixtures' scripts write to.
enum Fixtures {
  static func path(_ name: String) throws -> String {
    "\(try #require(Bundle.module.resourcePath))/Fixtures/\(name)"
  }

  /// The array of strings in a JSON file.
  static func strings(_ name: String) throws -> [String] {
    let bytes = try InputFile.contents(ofFile: path(name), limit: 1 << 20)
    return try #require(try JSON.parse(bytes).array).map { try #require($0.string) }
  }

  static func integers(_ name: String) throws -> [Int] {
    guard case .int64(let values) = try NPYArray(contentsOf: path(name)).elements else {
      throw AttentionError.file(path: name, reason: "no integers")
    }
    return values.map { Int($0) }
  }

  static func doubles(_ name: String) throws -> [Double] {
    guard case .float64(let values) = try NPYArray(contentsOf: path(name)).elements else {
      throw AttentionError.file(path: name, reason: "no doubles")
    }
    return values
  }

  static func tensor(_ name: String) throws -> Tensor { try Tensor(npy: path(name)) }
}

extension TemporaryDirectory {
  /// Copies a file, or everything in a folder, of the fixtures to this place.
  func copy(fixture name: String, to target: String? = nil) throws {
    let source = try Fixtures.path(name)
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: source, isDirectory: &isFolder)
    guard isFolder.boolValue else {
      let target = target ?? (name as NSString).lastPathComponent
      try write(Data(contentsOf: URL(fileURLWithPath: source)), to: target)
      return
    }
    for entry in try FileManager.default.contentsOfDirectory(atPath: source) {
      try copy(
        fixture: "\(name)/\(entry)", to: target.map { "\($0)/\(entry)" } ?? entry)
    }
  }

  /// Replaces part of a text file, which must be there.
  func edit(_ name: String, replacing old: String, with new: String) throws {
    let text = try String(contentsOfFile: path(name), encoding: .utf8)
    try #require(text.contains(old), "\(name) is without \(old)")
    try write(text.replacingOccurrences(of: old, with: new).utf8, to: name)
  }
}
