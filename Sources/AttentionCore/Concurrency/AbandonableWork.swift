import Dispatch
import Synchronization

/// Long work whose steps may take longer than a cancelled task should wait, such as growing an array of
/// gigabytes, or returning its memory to the system.
///
/// The work runs on a Dispatch thread. If the task is cancelled, the caller does not wait for the work: the work
/// ends at its next check for cancellation, and its thread frees the memory.
package enum AbandonableWork {
  private static let pollInterval = DispatchTimeInterval.milliseconds(2)

  /// Runs `body` and returns its result.
  ///
  /// - Parameter startLimit: the time that Dispatch has to start the work. Then the caller does the work itself.
  /// - Throws: `CancellationError` within milliseconds after the cancellation of the current task; the errors of
  ///   `body`.
  package static func run<Value: Sendable>(
    startLimit: DispatchTimeInterval = .milliseconds(20),
    _ body: @Sendable @escaping () throws -> Value
  ) throws -> Value {
    let work = Work(body)
    // Unlike the global queue, a serial queue gets a thread even if all processors are busy.
    DispatchQueue(label: "abandonable work").async { work.help() }
    guard work.hasStarted(within: startLimit) else { return try body() }
    while !work.hasEnded(within: pollInterval) {
      guard Cancellation.isRequested else { continue }
      work.cancellation.raise()
      // If the work has just ended, another thread frees its result.
      DispatchQueue.global().async { withExtendedLifetime(work) {} }
      throw CancellationError()
    }
    return try work.takeResult()
  }

  private final class Work<Value: Sendable>: Sendable {
    let cancellation = CancellationSignal()
    private let body: @Sendable () throws -> Value
    private let result = Mutex<Result<Value, any Error>?>(nil)
    /// Whether a Dispatch thread runs the body, or the caller will run it.
    private let isClaimed = Atomic(false)
    private let start = DispatchSemaphore(value: 0)
    private let end = DispatchSemaphore(value: 0)

    init(_ body: @Sendable @escaping () throws -> Value) { self.body = body }

    private func claim() -> Bool { !isClaimed.exchange(true, ordering: .relaxed) }

    /// Runs the body on this thread, unless the caller runs it.
    func help() {
      guard claim() else { return }
      start.signal()
      cancellation.withCurrent {
        let value = Result { try body() }
        result.withLock { $0 = value }
      }
      end.signal()
    }

    /// Waits until the body runs on another thread; false if it does not after `limit`.
    func hasStarted(within limit: DispatchTimeInterval) -> Bool {
      start.wait(timeout: .now() + limit) == .success || !claim()
    }

    func hasEnded(within interval: DispatchTimeInterval) -> Bool {
      end.wait(timeout: .now() + interval) == .success
    }

    func takeResult() throws -> Value {
      guard let result = result.withLock({ $0.take() }) else {
        preconditionFailure("the work ended without a result")
      }
      return try result.get()
    }
  }
}
