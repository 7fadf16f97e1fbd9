/// The durations of repeated runs, in seconds.
package struct Durations {
  private let sorted: [Double]

  /// - Returns: nil for an empty array.
  package init?(_ seconds: [Double]) {
    guard !seconds.isEmpty else { return nil }
    sorted = seconds.sorted()
  }

  /// The number of runs.
  package var count: Int { sorted.count }

  /// The middle duration, or the mean of the two middle durations. A single slow run barely changes the
  /// median.
  package var median: Double {
    (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }

  /// The shortest duration: the run that other processes disturbed least.
  package var best: Double { sorted[0] }
}
