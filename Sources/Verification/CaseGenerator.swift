import Attention
import Benchmarks

/// The random choices of one case. The seed determines all of them.
package struct CaseGenerator {
  let seed: UInt64
  private var source: SplitMix64
  private var numbers: BenchGenerator

  /// Seeds from this one on choose larger shapes. `--thorough` uses them too.
  package static let firstLargeSeed: UInt64 = 1_000_000

  init(seed: UInt64) {
    self.seed = seed
    source = SplitMix64(seed: seed)
    numbers = BenchGenerator(seed: seed ^ 0x5DEE_CE66)
  }

  private var isLarge: Bool { seed >= Self.firstLargeSeed }

  /// A limit on the work of a case, 8 times as large for large cases.
  func work(_ limit: Int) -> Int { isLarge ? 8 * limit : limit }

  /// One of the elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[index(below: elements.count)]
  }

  /// A number of the range; small numbers are more frequent. Large cases have sizes up to 3 times as large.
  mutating func size(_ range: ClosedRange<Int>) -> Int {
    let upper = isLarge ? 3 * range.upperBound : range.upperBound
    let share = source.nextUnit()
    return range.lowerBound + Int(Double(upper - range.lowerBound + 1) * share * share)
  }

  /// A number from 0 to `count` − 1.
  mutating func index(below count: Int) -> Int { Int(source.next() >> 33) % count }

  /// True once in `count` times.
  mutating func oneIn(_ count: Int) -> Bool { index(below: count) == 0 }

  /// The choices that consecutive seeds go through in all combinations.
  var combination: Combination { Combination(rest: seed) }

  /// Numbers from N(0, deviation²).
  mutating func normal(_ shape: Shape, deviation: Float = 1) throws -> Tensor {
    try numbers.normalTensor(shape, deviation: deviation)
  }

  mutating func scalars(_ count: Int) throws -> [Float] { try normal([count]).scalars }

  /// Token ids below `count`.
  mutating func ids(_ length: Int, below count: Int) -> [Int] {
    (0..<length).map { _ in index(below: count) }
  }

  /// `count` as the sum of positive parts.
  mutating func parts(of count: Int, atMost most: Int) -> [Int] {
    var (rest, parts) = (count, [Int]())
    while rest > 0 {
      let part =
        parts.count == most - 1 ? rest : min(rest, 1 + index(below: max(1, 2 * count / most)))
      parts.append(part)
      rest -= part
    }
    return parts
  }

  /// Consecutive lengths, at least one of which is not 0, that add up to `count`.
  mutating func lengths(of count: Int, sequences: Int) -> [Int] {
    var lengths = Array(repeating: 0, count: sequences)
    for _ in 0..<count { lengths[index(below: sequences)] += 1 }
    return lengths
  }
}

/// The digits of a seed in a mixed radix: consecutive seeds go through all combinations of the choices.
struct Combination {
  fileprivate var rest: UInt64

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    defer { rest /= UInt64(elements.count) }
    return elements[Int(rest % UInt64(elements.count))]
  }
}
