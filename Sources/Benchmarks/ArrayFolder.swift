import Attention
import Foundation

/// The folder for the inputs and results of all rows, for comparison with other libraries: a subfolder
/// for each row, with a `.npy` file for each array.
package struct ArrayFolder {
  package let path: String

  /// - Throws: `BenchError` for a folder that does not exist and cannot be created.
  package init(path: String) throws {
    self.path = path
    try Self.make(path)
  }

  /// Writes the arrays of a row.
  package func write(_ arrays: [(name: String, array: NPYArray)], of row: String) throws {
    guard !arrays.isEmpty else { return }
    let folder = "\(path)/\(row)"
    try Self.make(folder)
    for (name, array) in arrays { try array.write(to: "\(folder)/\(name).npy") }
  }

  private static func make(_ path: String) throws {
    guard !path.isEmpty else { throw BenchError("--arrays: an empty path") }
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue, access(path, W_OK) == 0
    else { throw BenchError("--arrays: \(path): not a writable folder") }
  }
}
