import Attention
import AttentionCore

/// Reads a `.npy` file, writes it and reads it again.
struct NPYParser: FuzzedParser {
  let folder: FuzzFolder

  func parse(_ bytes: [UInt8]) throws -> String {
    let path = try folder.write(bytes, to: "array.npy")
    let array = try NPYArray(contentsOf: path)
    try FuzzViolation.unless(
      array.elements.count == array.shape.dimensions.reduce(1, *), "shape \(array.shape)")
    let copy = "\(folder.path)/copy.npy"
    try array.write(to: copy)
    let again = try NPYArray(contentsOf: copy)
    // NaN differs from itself.
    try FuzzViolation.unless(
      again.shape == array.shape && "\(again.elements)" == "\(array.elements)", "changed by a copy")
    if let tensor = try? Tensor(npy: path) {
      try FuzzViolation.unless(
        tensor.shape == array.shape && tensor.scalars.count == array.elements.count,
        "tensor \(tensor.shape) of array \(array.shape)")
    }
    return "\(array.shape.dimensions)"
  }
}
