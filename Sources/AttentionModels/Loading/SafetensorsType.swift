import Attention

/// The element types of the safetensors format, with their names in the file as raw values.
///
/// - Source: https://github.com/huggingface/safetensors
public enum SafetensorsType: String, Sendable, Hashable, CaseIterable {
  /// Booleans of one byte each.
  case bool = "BOOL"
  /// Integers from 0 to 2⁸ − 1.
  case uint8 = "U8"
  /// Integers from −2⁷ to 2⁷ − 1.
  case int8 = "I8"
  /// Integers from 0 to 2¹⁶ − 1.
  case uint16 = "U16"
  /// Integers from −2¹⁵ to 2¹⁵ − 1.
  case int16 = "I16"
  /// Integers from 0 to 2³² − 1.
  case uint32 = "U32"
  /// Integers from −2³¹ to 2³¹ − 1.
  case int32 = "I32"
  /// Integers from 0 to 2⁶⁴ − 1.
  case uint64 = "U64"
  /// Integers from −2⁶³ to 2⁶³ − 1.
  case int64 = "I64"
  /// Numbers of 4 bits, two per byte.
  case float4 = "F4"
  /// Numbers of 6 bits with a 2-bit exponent.
  case float6E2M3 = "F6_E2M3"
  /// Numbers of 6 bits with a 3-bit exponent.
  case float6E3M2 = "F6_E3M2"
  /// Numbers of 8 bits with a 4-bit exponent.
  case float8E4M3 = "F8_E4M3"
  /// Numbers of 8 bits with a 5-bit exponent.
  case float8E5M2 = "F8_E5M2"
  /// Powers of two in 8 bits, used as scales.
  case float8E8M0 = "F8_E8M0"
  /// IEEE half precision.
  case float16 = "F16"
  /// The upper half of single precision.
  case bfloat16 = "BF16"
  /// IEEE single precision.
  case float32 = "F32"
  /// IEEE double precision.
  case float64 = "F64"
  /// Complex numbers with two parts of single precision.
  case complex64 = "C64"

  /// The number of bits of an element, which may be less than 8.
  package var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E4M3, .float8E5M2, .float8E8M0: 8
    case .uint16, .int16, .float16, .bfloat16: 16
    case .uint32, .int32, .float32: 32
    case .uint64, .int64, .float64, .complex64: 64
    }
  }

  /// The format of a floating-point type that can be read; nil for other types.
  var floatFormat: FloatFormat? {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    default: nil
    }
  }
}
