/// Cancels the current task.
package func cancelCurrentTask() {
  withUnsafeCurrentTask { $0?.cancel() }
}

/// Calls `body` in a task that is already cancelled.
package func inCancelledTask<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  let task = Task {
    cancelCurrentTask()
    return try body()
  }
  return try await task.value
}
