import Attention
import Testing

@Suite struct SplitMix64Tests {
  /// The first numbers of the published implementation, `splitmix64.c` by Sebastiano Vigna.
  @Test func `a seed gives the published numbers`() {
    var random = SplitMix64(seed: 0)
    let numbers = (0..<3).map { _ in random.next() }
    #expect(numbers == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
  }
}
