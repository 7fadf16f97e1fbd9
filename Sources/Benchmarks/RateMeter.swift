/// A limit of this machine, of which other figures are a share.
///
/// Measured before the first row and after each one, because a machine's speed changes with its heat and
/// with other processes. The best measurement of the run counts for all rows.
package protocol RateMeter: AnyObject {
  /// The measurements so far.
  var rates: MeasuredRates { get set }

  /// Measures now, in units a second.
  func measure(threads: Int) throws -> Double
}

/// The rates that a meter has measured.
package struct MeasuredRates {
  /// The best for each number of threads.
  fileprivate(set) var best: [Int: Double] = [:]
}

extension RateMeter {
  /// The best figure for each number of threads, in units a second.
  package var best: [Int: Double] { rates.best }

  /// Measures after `body`, and before the first one on a number of threads.
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
