extension UnsafeMutablePointer<Float> {
  /// Copies scalars into uninitialized memory, with checks for cancellation.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled.
  func initializeChecked(from source: UnsafePointer<Float>, count: Int) throws {
    try Cancellation.forEachRange(of: count, length: Tuning.Memory.scalarsBetweenChecks) {
      (self + $0.lowerBound).initialize(from: source + $0.lowerBound, count: $0.count)
    }
  }
}
