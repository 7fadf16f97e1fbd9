/// An element type that can be read from and written to `.npy` files.
enum NPYType: String, CaseIterable, Sendable {
  case float16 = "f2"
  case float32 = "f4"
  case float64 = "f8"
  case int32 = "i4"
  case int64 = "i8"
  case bool = "b1"

  var byteCount: Int {
    switch self {
    case .bool: 1
    case .float16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// The `descr` that NumPy writes for a little-endian array of this type.
  var littleEndianDescription: String {
    self == .bool ? "|b1" : "<\(rawValue)"
  }

  /// The floating-point format to convert to Float32; nil for integers and booleans.
  var floatFormat: FloatFormat? {
    switch self {
    case .float16: .float16
    case .float32: .float32
    case .float64: .float64
    case .int32, .int64, .bool: nil
    }
  }

  /// Parses a `descr` such as `<f4`: an optional byte order, a kind and a size.
  ///
  /// - Returns: nil for all other types, including other types of NumPy.
  static func parse(description: String) -> (type: NPYType, order: ByteOrder)? {
    var code = description[...]
    var order = ByteOrder.littleEndian
    switch description.first {
    case "<": code.removeFirst()
    case ">":
      code.removeFirst()
      order = .bigEndian
    case "=":
      // "=" is the byte order of the machine that wrote the file, which is unknown; assume
      // little-endian.
      code.removeFirst()
    case "|":
      code.removeFirst()
      guard code == NPYType.bool.rawValue else { return nil }
    default: break
    }
    return NPYType(rawValue: String(code)).map { ($0, order) }
  }
}
