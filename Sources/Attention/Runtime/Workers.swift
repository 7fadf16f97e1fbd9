import Synchronization

/// Sharing work out over threads.
///
/// The calling thread computes too, and so is busy for as long as the work takes and no longer. A task
/// that calls this holds its cooperative thread as it would for any other computation, and waits only
/// for threads that are computing, none of them cooperative ones: it always goes on. Moving the work
/// elsewhere would cost two changes of thread a call and leave a processor to the same amount of
/// work; an app that wants its cooperative threads free for other tasks gives whole requests an
/// executor of its own with `withTaskExecutorPreference`.
package enum Workers {
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

extension Workers {
  /// What `transform` makes of each element and its index, in order; the threads of the scope share
  /// the work, `chunk` elements at a time.
  ///
  /// - Throws: of the errors that `transform` threw, the one with the lowest index.
  package static func map<Element: Sendable, Value: Sendable>(
    _ elements: [Element], chunk: Int, _ transform: @Sendable (Int, Element) throws -> Value
  ) throws -> [Value] {
    let threads = Compute.current.threadCount
    guard threads > 1, elements.count > chunk else {
      return try elements.enumerated().map { try transform($0.offset, $0.element) }
    }
    let chunkCount = (elements.count - 1) / chunk + 1
    let results = Mutex<[Int: Result<[Value], any Error>]>([:])
    do {
      try forEach(count: chunkCount, threads: threads) { number in
        let range = number * chunk..<min((number + 1) * chunk, elements.count)
        let result = Result { try range.map { try transform($0, elements[$0]) } }
        results.withLock { $0[number] = result }
        _ = try result.get()
      }
    } catch {
      // Chunks begin in their order: all before one that failed have been tried.
    }
    let all = results.withLock { $0 }
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for number in 0..<chunkCount { values += try all[number]?.get() ?? [] }
    return values
  }

  /// The results of two things done at once, if the scope has a second thread.
  ///
  /// - Throws: the error of the first; if it has none, that of the second.
  package static func both<First: Sendable, Second: Sendable>(
    _ first: @Sendable () throws -> First, _ second: @Sendable () throws -> Second
  ) throws -> (First, Second) {
    let threads = Compute.current.threadCount
    guard threads > 1 else { return try (first(), second()) }
    let results = Mutex<(Result<First, any Error>?, Result<Second, any Error>?)>((nil, nil))
    try forEach(count: 2, threads: threads) { index in
      if index == 0 {
        let result = Result { try first() }
        results.withLock { $0.0 = result }
      } else {
        let result = Result { try second() }
        results.withLock { $0.1 = result }
      }
    }
    guard case (let one?, let two?) = results.withLock({ $0 }) else {
      preconditionFailure("a region has ended before its work")
    }
    return try (one.get(), two.get())
  }
}
