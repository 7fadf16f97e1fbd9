import Synchronization

/// Distributes work over threads.
///
/// The calling thread does a part of the work and returns when all work is done. A Swift task that
/// calls this keeps its cooperative thread busy, as with any other computation. The calling thread
/// waits only for helper threads that are computing, never for cooperative threads, so every call
/// makes progress. Moving the whole work to other threads would cost two thread switches per call
/// and would not be faster. To keep the cooperative threads free for other tasks, run whole
/// requests on a separate executor with `withTaskExecutorPreference`.
package enum Workers {
  /// Calls `body` once for each index below `count`, on up to `threads` threads.
  ///
  /// A thread that has finished an index takes the next one, so uneven work is balanced. After an
  /// error or cancellation, no further index is started. All calls have returned when this method returns. Nested
  /// calls inside of `body` run on one thread.
  ///
  /// - Throws: the first error of a call; `CancellationError` if the current task is cancelled.
  static func forEach(
    count: Int, threads: Int, pool: WorkerPool = .shared, _ body: @Sendable (Int) throws -> Void
  ) throws {
    guard threads > 1, count > 1 else {
      for index in 0..<count {
        try Cancellation.check()
        try body(index)
      }
      // In a cancelled task, the last call may have left its result incomplete.
      return try Cancellation.check()
    }
    // Helpers may finish all work before this thread looks for cancellation.
    try Cancellation.check()
    let next = Atomic(0)
    let firstError = Mutex<(any Error)?>(nil)
    pool.run(helpers: min(threads, count) - 1) {
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        do {
          try Cancellation.check()
          try body(index)
        } catch {
          firstError.withLock { $0 = $0 ?? error }
          next.store(count, ordering: .relaxed)
        }
      }
    }
    if let error = firstError.withLock({ $0 }) { throw error }
    try Cancellation.check()
  }

  /// Calls `body` with consecutive ranges that cover `0..<count`, on up to `threads` threads.
  ///
  /// - Parameters:
  ///   - least: the minimum length of a range, if there is more than one.
  ///   - most: the maximum length of a range: the interval between two checks for cancellation.
  static func forEachRange(
    of count: Int, least: Int, most: Int? = nil, threads: Int,
    _ body: @Sendable (Range<Int>) throws -> Void
  ) throws {
    guard count > 0 else { return }
    let least = max(least, 1)
    let most = max(most ?? Tuning.Threads.rangesBetweenChecks * least, 1)
    let parts = max(1, min(threads, count / least), (count - 1) / most + 1)
    try forEach(count: parts, threads: threads) { part in
      try body(count * part / parts..<count * (part + 1) / parts)
    }
  }
}

extension Workers {
  /// The results of `transform` for each element and its index, in order. The threads of the
  /// current scope share the work in chunks of `chunk` elements.
  ///
  /// - Throws: the error of the element with the lowest index; `CancellationError` if the current task is
  ///   cancelled.
  package static func map<Element: Sendable, Value: Sendable>(
    _ elements: [Element], chunk: Int, _ transform: @Sendable (Int, Element) throws -> Value
  ) throws -> [Value] {
    let threads = Compute.current.threadCount
    guard threads > 1, elements.count > chunk else {
      return try elements.enumerated().map {
        try Cancellation.check()
        return try transform($0.offset, $0.element)
      }
    }
    let chunkCount = (elements.count - 1) / chunk + 1
    let results = Mutex<[Int: Result<[Value], any Error>]>([:])
    var failure: (any Error)?
    do {
      try forEach(count: chunkCount, threads: threads) { number in
        let range = number * chunk..<min((number + 1) * chunk, elements.count)
        let result = Result { try range.map { try transform($0, elements[$0]) } }
        results.withLock { $0[number] = result }
        _ = try result.get()
      }
    } catch {
      failure = error
    }
    let all = results.withLock { $0 }
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    // Chunks start in order, so all chunks before a failed one have been started and have returned.
    for number in 0..<chunkCount { values += try all[number]?.get() ?? [] }
    if let failure { throw failure }
    return values
  }

  /// Runs two functions concurrently if the current scope has more than one thread.
  ///
  /// - Throws: the error of `first`; if there is none, the error of `second`.
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
      preconditionFailure("the parallel region ended before its work was done")
    }
    return try (one.get(), two.get())
  }
}
