import Attention
import AttentionModels

/// Reads all tensors of a safetensors file.
struct SafetensorsParser: FuzzedParser {
  let folder: FuzzFolder
  /// Whether inputs are headers after two bytes with the number of data bytes. Mutations of a whole file
  /// mostly break the length of the header.
  let isHeader: Bool

  func parse(_ bytes: [UInt8]) throws -> String {
    let file = isHeader ? Self.file(bytes) : bytes
    let weights = try StateDictionary(contentsOf: folder.write(file, to: "model.safetensors"))
    try check(weights, file)
    let tensors = try weights.names.map { name in
      let values = try? weights.tensor(name)
      let type = try weights.elementType(of: name)
      let shape = try weights.shape(of: name).dimensions
      let bits = values.map { $0.scalars.map { "\($0.bitPattern)" } }
      return
        "[\(JSONText.string(name)), \"\(type.rawValue)\", \(shape), \(bits.map { JSONText.array($0) } ?? "null")]"
    }
    return JSONText.array(tensors)
  }

  private static func file(_ bytes: [UInt8]) -> [UInt8] {
    let text = bytes.dropFirst(2)
    let dataByteCount = bytes.prefix(2).reduce(0) { $0 << 8 | Int($1) }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return length + text + (0..<dataByteCount).map { UInt8(truncatingIfNeeded: $0 &* 37) }
  }

  /// Checks that the tensors have different names and together the size of the data.
  private func check(_ weights: StateDictionary, _ file: [UInt8]) throws {
    let names = weights.names
    try FuzzViolation.unless(
      Set(names.map { Array($0.utf8) }).count == names.count, "two tensors of one name")
    var bitCount = 0
    for name in names {
      let shape = try weights.shape(of: name)
      let count = shape.dimensions.reduce(1, *)
      let type = try weights.elementType(of: name)
      bitCount += count * type.bitCount
      if let tensor = try? weights.tensor(name) {
        try FuzzViolation.unless(
          tensor.shape == shape && tensor.scalars.count == count, "\(name): shape \(tensor.shape)")
      }
    }
    let headerCount = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    try FuzzViolation.unless(
      bitCount == 8 * (file.count - 8 - headerCount), "tensors of \(bitCount) bits")
  }
}
