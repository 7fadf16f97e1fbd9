import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Weights kept in each format, against the same weights in float32.
@Suite struct DecoderFormatTests {
  /// The root mean square of the differences, over that of the numbers.
  private func relativeDistance(_ found: Tensor, _ exact: Tensor) -> Double {
    let (found, exact) = (found.scalars.map(Double.init), exact.scalars.map(Double.init))
    let differences = zip(found, exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (differences / exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  @Test(arguments: DecoderFixture.names, WeightFormat.allCases)
  func measure(name: String, format: WeightFormat) throws {
    let exact = try DecoderFixture(name, format: .float32)
    let narrow = try DecoderFixture(name, format: format)
    let distance = relativeDistance(try narrow.fullPass(), try exact.fullPass())
    print("FORMAT \(name) \(format) \(distance)")
  }
}
