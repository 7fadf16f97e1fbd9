import Dispatch

/// Runs work that blocks its thread, such as reading files, outside of Swift's cooperative thread pool.
package enum BlockingWork {
  /// Runs `body` on a Dispatch thread, with the task-local values of this task, and returns its result.
  ///
  /// - Throws: `CancellationError` in a task that has been cancelled; the errors of `body`.
  package static func run<Value: Sendable>(
    _ body: @Sendable @escaping () throws -> Value
  ) async throws -> Value {
    try Task.checkCancellation()
    return try await withTaskExecutorPreference(DispatchExecutor.shared) { try body() }
  }

  private final class DispatchExecutor: TaskExecutor {
    static let shared = DispatchExecutor()

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      // Unlike the global queue, a serial queue gets a thread even if all processors are busy.
      DispatchQueue(label: "blocking work").async {
        job.runSynchronously(on: self.asUnownedTaskExecutor())
      }
    }
  }
}
