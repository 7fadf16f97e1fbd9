import Attention
import TestSupport
import Testing

/// The loops of one instruction set in C, or their twin in Swift: all must pass the same tests.
struct VectorLoopsUnderTest: Sendable, CustomTestStringConvertible {
  let name: String
  let loops: any VectorLoops

  static let twin = VectorLoopsUnderTest(name: "Swift", loops: PortableLoops())
  static let inC = CVectorLoops.all.map { VectorLoopsUnderTest(name: $0.name, loops: $0) }
  static let all = inC + [twin]

  /// Whether its errors are those of fused multiplication and addition.
  var isFused: Bool { name != "Swift" && name != "generic" }

  var testDescription: String { name }
}

/// Half an ulp of 1, the largest relative error of one rounding.
let unitRoundoff = 0x1p-24

/// γ(x) = x u / (1 − x u), what x roundings in a row come to.
func gamma(_ roundings: Int) -> Double {
  let x = Double(roundings) * unitRoundoff
  return x / (1 - x)
}

/// A result and how far from it a computed one may lie.
struct Expected {
  var value: Double
  var bound: Double

  /// NaN is right where it is expected, and an infinity where that infinity is.
  func allows(_ result: Float) -> Bool {
    if value.isNaN { return result.isNaN }
    return Double(result) == value || abs(Double(result) - value) <= bound
  }
}

/// The first place where a result is not what it should be, in words.
func firstMismatch(
  _ results: some Collection<Float>, _ expected: some Collection<Expected>
) -> String? {
  guard results.count == expected.count else { return "\(results.count) ≠ \(expected.count)" }
  for (index, pair) in zip(results, expected).enumerated() where !pair.1.allows(pair.0) {
    return "at \(index) \(pair.0), not \(pair.1.value) ± \(pair.1.bound)"
  }
  return nil
}

extension SeededGenerator {
  /// Numbers between −limit and limit.
  mutating func numbers(_ count: Int, below limit: Float = 1) -> [Float] {
    (0..<count).map { _ in Float.random(in: -limit...limit, using: &self) }
  }

  /// Small whole numbers, whose products and sums are exact.
  mutating func wholeNumbers(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(Int.random(in: -8...8, using: &self)) }
  }
}
