/// A floating-point format that a file can contain.
package enum FloatFormat: Sendable {
  case float64, float32, float16, bfloat16

  package var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    }
  }
}
