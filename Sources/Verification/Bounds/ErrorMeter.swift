/// The error divided by the bound; 0 for no error, also if the bound is 0. An infinite error is out of every bound.
func errorShare(_ error: Double, of bound: Double) -> Double {
  error == 0 ? 0 : error == .infinity ? .infinity : error / bound
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
    add(error: isEqual ? 0 : distance.isNaN ? .infinity : distance, within: bound)
  }

  mutating func add(error: Double, within bound: Double) {
    let share = errorShare(error, of: bound)
    if share > self.share { (self.share, self.error, self.bound) = (share, error, bound) }
  }

  /// Compares arrays with one bound for all elements.
  mutating func add(
    _ found: some Collection<Float>, _ exact: some Collection<Double>, within bound: Double
  ) {
    guard found.count == exact.count else { return add(error: .infinity, within: bound) }
    for (found, exact) in zip(found, exact) { add(found, exact, within: bound) }
  }

  /// Compares arrays bit by bit: the error is the number of different scalars, the bound 0.
  mutating func addBits(_ found: [Float], _ expected: [Float]) {
    guard found.count == expected.count else { return add(error: .infinity, within: 0) }
    let different = zip(found, expected).count { $0.bitPattern != $1.bitPattern }
    add(error: Double(different), within: 0)
  }
}
