import Synchronization

/// Sharing work out over threads.
///
/// The calling thread computes too, and so is busy for as long as the work takes and no longer: a
/// task that calls this holds its cooperative thread as it would for any other computation, and waits
/// only for threads that are computing, none of them cooperative ones.
enum Workers {
  /// Calls `body` once for each index below `count`, on up to `threads` threads at a time.
  ///
  /// Threads take the next index when they have finished one, so uneven work balances. Once a call
  /// throws, no further index is begun. No call outlasts this one. Inside a `body`, all runs on one
  /// thread.
  ///
  /// - Throws: the first error that a call threw.
  static func forEach(
    count: Int, threads: Int, pool: WorkerPool = .shared, _ body: @Sendable (Int) throws -> Void
  ) throws {
    guard threads > 1, count > 1 else {
      for index in 0..<count { try body(index) }
      return
    }
    let next = Atomic(0)
    let firstError = Mutex<(any Error)?>(nil)
    pool.run(helpers: min(threads, count) - 1) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        do {
          try body(index)
        } catch {
          firstError.withLock { $0 = $0 ?? error }
          next.store(count, ordering: .relaxed)
        }
      }
    }
    if let error = firstError.withLock({ $0 }) { throw error }
  }

  /// Calls `body` with consecutive ranges that make up `0..<count`, on up to `threads` threads.
  ///
  /// - Parameter least: the shortest range worth a thread of its own.
  static func forEachRange(
    of count: Int, least: Int, threads: Int, _ body: @Sendable (Range<Int>) throws -> Void
  ) throws {
    guard count > 0 else { return }
    let parts = max(1, min(threads, count / max(least, 1)))
    try forEach(count: parts, threads: threads) { part in
      try body(count * part / parts..<count * (part + 1) / parts)
    }
  }
}
