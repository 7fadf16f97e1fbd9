import Attention
import AttentionCore
import Foundation

/// The options and the arrays of a case.
struct AgainstFiles {
  let path: String
  let reader: ConfigurationReader

  /// A number under a key, or an integer that is written without a fraction.
  func number(_ key: String) throws -> Float? {
    try reader.optionalNumber(key, in: -3e38...3e38).map { Float($0) }
  }

  /// A list of integers under a key.
  func integers(_ key: String) throws -> [Int]? {
    try reader.optionalArray(key)?.map { element in
      guard let integer = element.integer else {
        throw reader.mismatch(key, expected: "integers", element)
      }
      return integer
    }
  }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: file(name))
  }

  func file(_ name: String) -> String { "\(path)/\(name).npy" }

  func tensor(_ name: String) throws -> Tensor { try Tensor(npy: file(name)) }

  func optionalTensor(_ name: String) throws -> Tensor? { has(name) ? try tensor(name) : nil }

  /// The ids in a file, of either integer type.
  func ids(_ name: String) throws -> [Int] {
    switch try NPYArray(contentsOf: file(name)).elements {
    case .int64(let ids): return ids.map { Int($0) }
    case .int32(let ids): return ids.map { Int($0) }
    default: throw AttentionError.file(path: file(name), reason: "expected integers (i4, i8)")
    }
  }

  /// An expected result. In float32, the other framework's own errors are in it.
  func expected(_ name: String) throws -> AgainstResult {
    switch try NPYArray(contentsOf: file(name)).elements {
    case .float64(let numbers): return AgainstResult(numbers: numbers, isExact: true)
    case .float32(let numbers):
      return AgainstResult(numbers: numbers.map(Double.init), isExact: false)
    default:
      throw AttentionError.file(path: file(name), reason: "expected float32 or float64 (f4, f8)")
    }
  }
}

/// A result of another framework.
struct AgainstResult: Sendable {
  let numbers: [Double]
  /// Whether it was computed in double precision.
  let isExact: Bool

  /// The bound for a result whose bound against the exact numbers is given. Two computations in float32
  /// may differ by the errors of both.
  func bound(_ bound: Double) -> Double {
    isExact ? bound : 2 * bound + 8 * unitRoundoff * largestMagnitude(numbers)
  }
}
