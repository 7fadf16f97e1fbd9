/// Measures a limit of this machine that rows are compared with.
///
/// The limit is measured before the first row and after each row, because the speed of a machine changes
/// with its temperature and with other processes. All rows are compared with the best measurement of the run.
package protocol RateMeter: AnyObject {
  /// The measurements so far.
  var rates: MeasuredRates { get set }

  /// Measures once, in units per second.
  func measure(threads: Int) throws -> Double
}

/// The rates measured so far.
package struct MeasuredRates {
  /// The best rate for each number of threads.
  fileprivate(set) var best: [Int: Double] = [:]
}

extension RateMeter {
  /// The best rate for each number of threads, in units per second.
  package var best: [Int: Double] { rates.best }

  /// Runs `body` and measures after it; the first time for a number of threads, also before it.
  package func around(threads: Int, _ body: () throws -> Void) throws {
    if rates.best[threads] == nil { try note(threads: threads) }
    try body()
    try note(threads: threads)
  }

  private func note(threads: Int) throws {
    let rate = try measure(threads: threads)
    rates.best[threads] = max(rates.best[threads] ?? 0, rate)
  }
}
