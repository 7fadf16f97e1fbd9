import Attention
import Foundation
import TestSupport
import Testing

@Suite struct LogarithmTests {
  @Test func `from the smallest to the largest number the logarithm is within 4 ulp`() {
    var (largest, place) = (0.0, 0.0)
    func check(_ x: Double) {
      let exact = log(x)
      let distance = abs(VectorMath.log(x) - exact) / max(exact.ulp, Double.leastNonzeroMagnitude)
      if !(distance <= largest) { (largest, place) = (distance, x) }
    }
    var generator = SeededGenerator(seed: 25)
    for _ in 0..<200_000 {
      check(Double(bitPattern: UInt64.random(in: 1...0x7FEF_FFFF_FFFF_FFFF, using: &generator)))
      check(Double.random(in: 0.5...2, using: &generator))
      check(Double.random(in: 1...1e6, using: &generator))
    }
    for x in [.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1, 2, 0.5] {
      check(x)
    }
    check(1.0.nextUp)
    check(1.0.nextDown)
    #expect(largest <= 4, "\(largest) ulp at \(place)")
  }

  @Test func `the logarithm of 0, 1, infinity and NaN follows IEEE 754`() {
    #expect(VectorMath.log(1) == 0)
    #expect(VectorMath.log(0) == -.infinity)
    #expect(VectorMath.log(-0.0) == -.infinity)
    #expect(VectorMath.log(.infinity) == .infinity)
    #expect(VectorMath.log(-1).isNaN)
    #expect(VectorMath.log(-.infinity).isNaN)
    #expect(VectorMath.log(.nan).isNaN)
  }
}
