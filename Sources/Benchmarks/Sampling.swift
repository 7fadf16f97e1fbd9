import Attention

/// How often a run is repeated: until both bounds are reached.
package struct Sampling: CustomStringConvertible {
  package var repetitions: Int
  package var seconds: Double

  package init(
    repetitions: Int, seconds: Double
  ) {
    self.repetitions = repetitions
    self.seconds = seconds
  }

  package var description: String {
    "at least \(counted(repetitions, "run")) and \(seconds) s"
  }

  /// The share of `seconds` that goes by before any repetition counts: pages and threads are made,
  /// caches filled, and the processor has come to its speed.
  private static let warmUp = 0.2

  /// The durations of `body`, each call by itself.
  package func durations(of body: () throws -> Void) throws -> Durations {
    try repeatedly(atLeast: 1, seconds: Self.warmUp * seconds, body)
    let measured = Durations(try repeatedly(atLeast: repetitions, seconds: seconds, body))
    guard let measured else { throw BenchError("expected at least 1 repetition") }
    return measured
  }

  @discardableResult
  private func repeatedly(
    atLeast count: Int, seconds: Double, _ body: () throws -> Void
  ) throws -> [Double] {
    // Monotonic, as a clock that is set while something runs must not matter.
    let clock = ContinuousClock()
    let start = clock.now
    var durations: [Double] = []
    while durations.count < count || (clock.now - start) / .seconds(1) < seconds {
      durations.append(try clock.measure(body) / .seconds(1))
    }
    return durations
  }
}
