import Attention

/// Measures the speed of a large float32 matrix product, in operations per second: the peak that rows are
/// compared with. Always uses OpenBLAS, even for rows with another backend.
package final class PeakMeter: RateMeter {
  /// Rows and columns of both factors: large enough for full speed, small enough to be measured often.
  package static let size = 1536
  private static let repetitions = 3
  private var factors: (left: Tensor, right: Tensor)?
  package var rates = MeasuredRates()

  package init() {}

  package func measure(threads: Int) throws -> Double {
    let (left, right) = try made()
    let durations = try withCompute(backend: .openBLAS, threads: threads) {
      try Repetition(repetitions: Self.repetitions, seconds: 0).durations {
        _ = try matrixProduct(left.matrix(), right.matrix())
      }
    }
    let size = Double(Self.size)
    return 2 * size * size * size / durations.best
  }

  private func made() throws -> (left: Tensor, right: Tensor) {
    if let factors { return factors }
    var generator = BenchGenerator(seed: 0)
    let made = (
      left: try generator.normalTensor([Self.size, Self.size]),
      right: try generator.normalTensor([Self.size, Self.size])
    )
    factors = made
    return made
  }
}
