import Attention

extension SplitMix64 {
  /// The generator of the `number`-th sampled text of a prompt.
  init(seed: UInt64, number: Int) {
    // Hash the seed, so that seeds that differ by 1 give unrelated sequences.
    var seeds = SplitMix64(
      seed: seed &+ UInt64(truncatingIfNeeded: number) &* 0xD134_2543_DE82_EF95)
    self.init(seed: seeds.next())
  }
}
