/// An element type that this library reads and writes in `.npy` files.
enum NPYType: String, CaseIterable, Sendable {
  case float16 = "f2"
  case float32 = "f4"
  case float64 = "f8"
  case int32 = "i4"
  case int64 = "i8"
  case bool = "b1"

  /// Bytes per element.
  var byteCount: Int {
    switch self {
    case .bool: 1
    case .float16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// The `descr` of an array of this type in little-endian order, as NumPy writes it.
  var littleEndianDescription: String {
    self == .bool ? "|b1" : "<\(rawValue)"
  }

  /// The formats that become a tensor's Float32; nil for integers and booleans.
  var floatFormat: FloatFormat? {
    switch self {
    case .float16: .float16
    case .float32: .float32
    case .float64: .float64
    case .int32, .int64, .bool: nil
    }
  }

  /// Reads a `descr` such as `<f4`: an optional byte order, a kind and a width.
  ///
  /// - Returns: nil for every other type, among them those that NumPy knows.
  static func parse(description: String) -> (type: NPYType, order: ByteOrder)? {
    var code = description[...]
    var order = ByteOrder.littleEndian
    switch description.first {
    case "<": code.removeFirst()
    case ">":
      code.removeFirst()
      order = .bigEndian
    case "=":
      // The order of the machine that wrote the file, which the file does not say: that of nearly all.
      code.removeFirst()
    case "|":
      code.removeFirst()
      guard code == NPYType.bool.rawValue else { return nil }
    default: break
    }
    return NPYType(rawValue: String(code)).map { ($0, order) }
  }
}
