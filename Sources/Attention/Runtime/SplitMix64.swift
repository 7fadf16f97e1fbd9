/// The random generator of this package: the same numbers on every machine for the same seed.
///
/// - Source: Steele, Lea & Flood 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A bijection of 64 bits whose every result bit depends on every bit of `value`.
  package static func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A number in [0, 1): a multiple of 2⁻⁵³, all equally probable.
  package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
