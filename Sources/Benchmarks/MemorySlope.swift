/// The growth of memory over time, or over a number of repetitions.
package struct MemorySlope {
  package struct Sample: Sendable {
    /// Seconds or repetitions since the start.
    package let position: Double
    /// Resident memory.
    package let bytes: Int

    package init(position: Double, bytes: Int) {
      self.position = position
      self.bytes = bytes
    }
  }

  /// The first and the last sample after the warm-up, in bytes.
  package let first: Int
  package let last: Int
  /// The slope of the least-squares line, in bytes per unit of the position.
  package let slope: Double

  /// The share of samples at the start that do not count: threads start, and work memory grows to the largest
  /// request.
  private static let warmUp = 0.2

  /// - Returns: nil for fewer than two samples after the warm-up.
  package init?(_ samples: [Sample]) {
    let samples = samples.dropFirst(Int(Self.warmUp * Double(samples.count)))
    guard let first = samples.first, let last = samples.last, first.position < last.position else {
      return nil
    }
    let count = Double(samples.count)
    let meanPosition = samples.reduce(0) { $0 + $1.position } / count
    let meanBytes = samples.reduce(0) { $0 + Double($1.bytes) } / count
    let covariance = samples.reduce(0) {
      $0 + ($1.position - meanPosition) * (Double($1.bytes) - meanBytes)
    }
    let variance = samples.reduce(0) {
      $0 + ($1.position - meanPosition) * ($1.position - meanPosition)
    }
    self.first = first.bytes
    self.last = last.bytes
    slope = covariance / variance
  }
}
