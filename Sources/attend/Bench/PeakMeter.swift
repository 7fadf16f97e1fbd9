import Attention

/// How fast this machine multiplies large matrices: what every other figure is a share of.
///
/// Measured before and after each row, as a processor's speed changes with its heat and with who else
/// computes on it. Always OpenBLAS, whatever backend a row is computed by.
final class PeakMeter {
  /// Rows and columns of both factors: large enough for full speed, small enough to be asked often.
  static let size = 1536
  private static let repetitions = 3
  private var factors: (left: Tensor, right: Tensor)?
  private var last: (threads: Int, flops: Double)?
  /// The best figure for each number of threads, in operations a second.
  private(set) var best: [Int: Double] = [:]

  /// The better of what is measured before `body` and after it, in operations a second.
  func around(threads: Int, _ body: () throws -> Void) throws -> Double {
    let before: Double
    if let last, last.threads == threads {
      before = last.flops
    } else {
      before = try measure(threads: threads)
    }
    try body()
    return max(before, try measure(threads: threads))
  }

  private func measure(threads: Int) throws -> Double {
    let (left, right) = try made()
    let durations = try withCompute(backend: .openBLAS, threads: threads) {
      try Sampling(repetitions: Self.repetitions, seconds: 0).durations {
        _ = try matrixProduct(left.matrix(), right.matrix())
      }
    }
    let size = Double(Self.size)
    let flops = 2 * size * size * size / durations.best
    last = (threads, flops)
    best[threads] = max(best[threads] ?? 0, flops)
    return flops
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
