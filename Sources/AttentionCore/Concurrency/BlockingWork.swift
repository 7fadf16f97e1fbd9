import Dispatch

/// Runs work that blocks its thread, such as reading files, outside of Swift's cooperative thread pool.
package enum BlockingWork {
  /// The result of `body`, which runs on a thread of Dispatch with the task-local values of this task.
  ///
  /// - Throws: `CancellationError` in a task that has been cancelled; what `body` throws.
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
      DispatchQueue.global().async {
        job.runSynchronously(on: self.asUnownedTaskExecutor())
      }
    }
  }
}
