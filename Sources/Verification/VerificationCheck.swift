/// A kind of computation that is compared with the reference. A seed determines the sizes, the options and
/// the numbers of a case.
package protocol VerificationCheck: Sendable {
  /// The name in tables and in the ids of cases.
  var name: String { get }
  /// What the check computes, in a few words.
  var summary: String { get }
  /// The number of cases per subject, unless the user asks for another number.
  var caseCount: Int { get }

  /// Computes one case.
  func measure(_ subject: VerificationSubject, _ generator: inout CaseGenerator) throws
    -> Measurement
}

/// The error of one case.
package struct Measurement: Sendable {
  /// The sizes and options, for people.
  package let input: String
  /// The largest error relative to its bound, and that error and bound.
  package let error: Double
  package let bound: Double

  package init(input: String, error: Double, bound: Double) {
    self.input = input
    self.error = error
    self.bound = bound
  }

  init(input: String, _ meter: ErrorMeter) {
    self.init(input: input, error: meter.error, bound: meter.bound)
  }

  /// The error divided by the bound; 0 for no error, also if the bound is 0.
  package var share: Double { error == 0 ? 0 : error / bound }
  package var passes: Bool { error <= bound }
}

/// The error that is the largest relative to its bound.
struct ErrorMeter {
  private(set) var error = 0.0
  private(set) var bound = 0.0
  private var share = -1.0

  mutating func add(_ found: Float, _ exact: Double, within bound: Double) {
    // NaN where the reference has a number, or the reverse, is an infinite error.
    let isEqual = Double(found) == exact || found.isNaN && exact.isNaN
    let distance = abs(Double(found) - exact)
    let error = isEqual ? 0 : distance.isNaN ? .infinity : distance
    let share = error == 0 ? 0 : error / bound
    if share > self.share { (self.share, self.error, self.bound) = (share, error, bound) }
  }

  /// Compares arrays with one bound for all elements.
  mutating func add(
    _ found: some Collection<Float>, _ exact: some Collection<Double>, within bound: Double
  ) {
    guard found.count == exact.count else {
      (error, self.bound, share) = (.infinity, bound, .infinity)
      return
    }
    for (found, exact) in zip(found, exact) { add(found, exact, within: bound) }
  }
}

/// Half an ulp of 1, the largest relative error of one rounding.
let unitRoundoff = 0x1p-24

/// γ(n) = n u / (1 − n u), the relative error of n successive roundings.
func gamma(_ roundings: Int) -> Double {
  let x = Double(roundings) * unitRoundoff
  return x / (1 - x)
}
