import Attention

/// How often a run is repeated: at least `repetitions` times, and for at least `seconds` seconds.
package struct Repetition: CustomStringConvertible {
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

  /// The warm-up time as a fraction of `seconds`. The warm-up maps pages, starts threads, fills caches, and
  /// lets the processor reach its clock speed.
  private static let warmUp = 0.2

  /// The duration of each call of `body`.
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
    // A monotonic clock: setting the system time does not affect it.
    let clock = ContinuousClock()
    let start = clock.now
    var durations: [Double] = []
    while durations.count < count || (clock.now - start) / .seconds(1) < seconds {
      durations.append(try clock.measure(body) / .seconds(1))
    }
    return durations
  }
}
