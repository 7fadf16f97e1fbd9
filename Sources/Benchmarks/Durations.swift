/// How long the repetitions of something took, in seconds.
package struct Durations {
  private let sorted: [Double]

  /// - Returns: nil without any repetition.
  package init?(_ seconds: [Double]) {
    guard !seconds.isEmpty else { return nil }
    sorted = seconds.sorted()
  }

  /// The number of repetitions.
  package var count: Int { sorted.count }

  /// The middle one, or the mean of the two in the middle: one repetition that something else on the
  /// machine delayed does not move it.
  package var median: Double {
    (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }

  /// The shortest: what the machine can do when nothing disturbs it.
  package var best: Double { sorted[0] }
}
