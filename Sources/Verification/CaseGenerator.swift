import Attention
import Benchmarks

/// The random choices of one case.
package struct CaseGenerator {
  private var source: SplitMix64
  private var numbers: BenchGenerator

  init(seed: UInt64) {
    source = SplitMix64(seed: seed)
    numbers = BenchGenerator(seed: seed ^ 0x5DEE_CE66)
  }

  /// One of the elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(source.next() >> 33) % elements.count]
  }

  /// A number of the range; small numbers are more frequent.
  mutating func size(_ range: ClosedRange<Int>) -> Int {
    let share = Double(source.next() >> 11) * 0x1p-53
    return range.lowerBound + Int(Double(range.count) * share * share)
  }

  /// True once in `count` times.
  mutating func oneIn(_ count: Int) -> Bool { Int(source.next() >> 33) % count == 0 }

  /// Numbers from N(0, 1).
  mutating func normal(_ shape: Shape) throws -> Tensor { try numbers.normalTensor(shape) }

  mutating func scalars(_ count: Int) throws -> [Float] { try normal([count]).scalars }
}
