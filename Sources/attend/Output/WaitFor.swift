import Dispatch
import Synchronization

/// Runs an asynchronous function and waits for its result. The commands are synchronous, and their thread
/// has nothing else to do.
func waitFor<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) throws -> Value
{
  let result = Mutex<Result<Value, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  Task.detached {
    let value: Result<Value, any Error>
    do { value = .success(try await body()) } catch { value = .failure(error) }
    result.withLock { $0 = value }
    done.signal()
  }
  done.wait()
  guard let value = result.withLock({ $0 }) else {
    preconditionFailure("the task ended without a result")
  }
  return try value.get()
}
