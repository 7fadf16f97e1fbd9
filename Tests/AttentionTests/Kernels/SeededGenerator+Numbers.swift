import TestSupport

extension SeededGenerator {
  /// Numbers between −limit and limit.
  mutating func numbers(_ count: Int, below limit: Float = 1) -> [Float] {
    (0..<count).map { _ in Float.random(in: -limit...limit, using: &self) }
  }

  /// Small integers, whose products and sums are exact.
  mutating func wholeNumbers(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(Int.random(in: -8...8, using: &self)) }
  }
}
