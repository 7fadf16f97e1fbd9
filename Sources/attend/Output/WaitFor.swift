import Dispatch
import Foundation
import Synchronization

/// Runs an asynchronous function and waits for its result.
///
/// The tasks run on the calling thread and on a helper thread for each further processor. Swift's own executor
/// needs at least one more thread. Here the calling thread runs all tasks if no helper can start, such as
/// under a limit of the number of processes.
func waitFor<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) throws -> Value
{
  let result = Mutex<Result<Value, any Error>?>(nil)
  let executor = WaitingExecutor()
  executor.startHelpers(ProcessInfo.processInfo.activeProcessorCount - 1)
  Task.detached(executorPreference: executor) {
    let value: Result<Value, any Error>
    do { value = .success(try await body()) } catch { value = .failure(error) }
    result.withLock { $0 = value }
    executor.finish()
  }
  executor.runJobs()
  guard let value = result.withLock({ $0 }) else {
    preconditionFailure("the task ended without a result")
  }
  return try value.get()
}

/// Runs the jobs of tasks on the threads that call `runJobs()`, in the order in which they become ready.
private final class WaitingExecutor: TaskExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isFinished = false
  }

  private let state = Mutex(State())
  /// Counts the jobs, and the end.
  private let ready = DispatchSemaphore(value: 0)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    ready.signal()
  }

  /// Runs jobs on this thread until `finish()` is called.
  func runJobs() {
    while true {
      ready.wait()
      let (job, isFinished) = state.withLock {
        ($0.jobs.isEmpty ? nil : $0.jobs.removeFirst(), $0.isFinished)
      }
      if let job {
        job.runSynchronously(on: asUnownedTaskExecutor())
      } else if isFinished {
        // The next thread ends too.
        ready.signal()
        return
      }
    }
  }

  /// Starts threads that run jobs. A thread that cannot start is left out.
  func startHelpers(_ count: Int) {
    for _ in 0..<max(0, count) { Thread { self.runJobs() }.start() }
  }

  /// Ends the threads when no job is ready.
  func finish() {
    state.withLock { $0.isFinished = true }
    ready.signal()
  }
}
