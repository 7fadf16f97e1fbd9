/// SplitMix64: the same numbers on every machine for the same seed.
///
/// - Source: Steele, Lea & Flood 2014.
package struct RandomSource: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// The source of the `number`-th sampled text of a prompt.
  init(seed: UInt64, number: Int) {
    // Seeds that differ by 1 have first numbers that are far apart.
    var seeds = RandomSource(
      seed: seed &+ UInt64(truncatingIfNeeded: number) &* 0xD134_2543_DE82_EF95)
    state = seeds.next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A uniform random number in [0, 1): a multiple of 2⁻⁵³.
  mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
