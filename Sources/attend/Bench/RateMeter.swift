/// What this machine can do at its best, which other figures are a share of.
///
/// Measured before and after each row, as a machine's speed changes with its heat and with who else uses
/// it.
protocol RateMeter: AnyObject {
  /// What has been measured so far.
  var rates: MeasuredRates { get set }

  /// Measures now, in units a second.
  func measure(threads: Int) throws -> Double
}

/// The rates that a meter has measured.
struct MeasuredRates {
  fileprivate var last: (threads: Int, rate: Double)?
  /// The best for each number of threads.
  fileprivate(set) var best: [Int: Double] = [:]
}

extension RateMeter {
  /// The best figure for each number of threads, in units a second.
  var best: [Int: Double] { rates.best }

  /// The better of what is measured before `body` and after it, in units a second.
  func around(threads: Int, _ body: () throws -> Void) throws -> Double {
    let before: Double
    if let last = rates.last, last.threads == threads {
      before = last.rate
    } else {
      before = try note(threads: threads)
    }
    try body()
    return max(before, try note(threads: threads))
  }

  private func note(threads: Int) throws -> Double {
    let rate = try measure(threads: threads)
    rates.last = (threads, rate)
    rates.best[threads] = max(rates.best[threads] ?? 0, rate)
    return rate
  }
}
