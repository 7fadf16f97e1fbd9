/// The two 16-bit floating-point formats as bit patterns, and their conversion from and to Float32.
///
/// Bit patterns rather than Swift's `Float16`, which is not available on every platform, and since
/// Swift has no type for bfloat16. Widening is exact; narrowing rounds to nearest, ties to even.
///
/// Source: IEEE 754-2019, binary16; bfloat16 is the upper half of binary32.
package enum HalfPrecision {
  /// The value of a binary16 pattern: 1 sign, 5 exponent, 10 fraction bits.
  @inlinable
  package static func float(fromFloat16 bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = bits & 0x7C00
    let shifted = UInt32(bits & 0x7FFF) << 13
    let magnitude: UInt32 =
      switch exponent {
      case 0: (Float(bits & 0x3FF) * 0x1p-24).bitPattern  // zero or subnormal: fraction · 2⁻²⁴
      case 0x7C00: shifted + 2 * rebias  // infinity or NaN: the largest exponent stays the largest
      default: shifted + rebias
      }
    return Float(bitPattern: sign | magnitude)
  }

  /// The binary16 pattern nearest to `value`: infinity from 65,520 on, NaN for NaN.
  @inlinable
  package static func float16(from value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.magnitude.bitPattern
    if magnitude > 0x7F80_0000 {  // NaN, made quiet
      return sign | 0x7E00 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF
    }
    if value.magnitude >= 65_536 { return sign | 0x7C00 }
    if value.magnitude < 0x1p-14 {  // below the normal numbers, steps are 2⁻²⁴ wide
      return sign | UInt16((value.magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    // A carry out of the fraction raises the exponent, up to infinity, which is what rounding means.
    let rebased = magnitude - rebias
    return sign | UInt16((rebased + 0xFFF + (rebased >> 13) & 1) >> 13)
  }

  /// The value of a bfloat16 pattern: 1 sign, 8 exponent, 7 fraction bits.
  @inlinable
  package static func float(fromBFloat16 bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }

  /// The bfloat16 pattern nearest to `value`.
  @inlinable
  package static func bfloat16(from value: Float) -> UInt16 {
    let bits = value.bitPattern
    // NaN is made quiet, lest a fraction with its bits in the lower half become infinity's 0.
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16((bits + 0x7FFF + (bits >> 16) & 1) >> 16)
  }

  /// The difference of the two exponent biases, 127 − 15, where Float32 keeps its exponent.
  @usableFromInline static let rebias: UInt32 = 112 << 23
}
