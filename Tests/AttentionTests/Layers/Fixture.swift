import Attention
import Foundation
import Testing

/// Files that the scripts under Scripts/fixtures wrote.
enum Fixture {
  /// The path of a file below Fixtures.
  static func path(_ name: String) throws -> String {
    let url = try #require(Bundle.module.resourceURL)
    return url.appendingPathComponent("Fixtures/\(name)").path
  }

  /// A JSON file, decoded.
  static func json<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    let data = try Data(contentsOf: URL(fileURLWithPath: path(name)))
    return try JSONDecoder().decode(type, from: data)
  }

  /// A `float32` array.
  static func tensor(_ name: String) throws -> Tensor { try Tensor(npy: path(name)) }

  /// A `float64` array's elements.
  static func doubles(_ name: String) throws -> [Double] {
    let array = try NPYArray(contentsOf: path(name))
    guard case .float64(let elements) = array.elements else {
      throw AttentionError.file(path: name, reason: "not float64")
    }
    return elements
  }
}
