/// Conversion of the two 16-bit floating-point formats, given as bit patterns, from and to Float32.
///
/// Bit patterns are used because Swift's `Float16` is not available on every platform and Swift has
/// no bfloat16 type. Conversion to Float32 is exact; conversion from Float32 rounds to nearest,
/// ties to even.
///
/// Source: IEEE 754-2019, binary16; bfloat16 is the upper half of binary32.
package enum HalfPrecision {
  /// The value of a binary16 bit pattern: 1 sign bit, 5 exponent bits, 10 fraction bits.
  @inlinable
  package static func float(fromFloat16 bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = bits & 0x7C00
    let shifted = UInt32(bits & 0x7FFF) << 13
    let magnitude: UInt32 =
      switch exponent {
      case 0: (Float(bits & 0x3FF) * 0x1p-24).bitPattern  // zero or subnormal: fraction · 2⁻²⁴
      case 0x7C00: shifted + 2 * rebias  // infinity or NaN: exponent 31 becomes 255
      default: shifted + rebias
      }
    return Float(bitPattern: sign | magnitude)
  }

  /// The binary16 bit pattern nearest to `value`. Infinity from 65,520 up; NaN for NaN.
  @inlinable
  package static func float16(from value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.magnitude.bitPattern
    if magnitude > 0x7F80_0000 {  // NaN, made quiet
      return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF
    }
    if value.magnitude >= 65_536 { return sign | 0x7C00 }
    if value.magnitude < 0x1p-14 {  // subnormal: multiples of 2⁻²⁴
      return sign | UInt16((value.magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    // A carry out of the fraction correctly increases the exponent, up to infinity.
    let rebased = magnitude - rebias
    return sign | UInt16((rebased + 0xFFF + (rebased >> 13) & 1) >> 13)
  }

  /// The value of a bfloat16 bit pattern: 1 sign bit, 8 exponent bits, 7 fraction bits.
  @inlinable
  package static func float(fromBFloat16 bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }

  /// The bfloat16 bit pattern nearest to `value`.
  @inlinable
  package static func bfloat16(from value: Float) -> UInt16 {
    let bits = value.bitPattern
    // Setting the quiet bit keeps NaN a NaN. Without it, a NaN whose fraction bits are all in the
    // lower half would become infinity.
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16((bits + 0x7FFF + (bits >> 16) & 1) >> 16)
  }

  /// The difference of the exponent biases, 127 − 15, shifted to the exponent bits of Float32.
  @usableFromInline static let rebias: UInt32 = 112 << 23
}
