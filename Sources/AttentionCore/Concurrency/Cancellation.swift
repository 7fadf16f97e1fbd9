import Foundation
import Synchronization

/// Cancellation of long synchronous work.
///
/// Cancelling a Swift task only marks it. Long work looks for the mark between pieces of at most a few
/// milliseconds, and throws `CancellationError`. Outside of a task, nothing is ever cancelled.
///
/// The mark is visible only on the thread that runs the task. Threads that help this thread share a
/// ``CancellationSignal`` with it instead.
package enum Cancellation {
  /// Whether the task that this thread works for is cancelled.
  ///
  /// - Complexity: a few nanoseconds.
  package static var isRequested: Bool {
    let signal = CancellationSignal.current
    if let signal, signal.isRaised { return true }
    guard Task.isCancelled else { return false }
    signal?.raise()
    return true
  }

  /// - Throws: `CancellationError` if the task that this thread works for is cancelled.
  package static func check() throws {
    if isRequested { throw CancellationError() }
  }

  /// The result of `body`, which may end early in a cancelled task with an incomplete result or another error.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled; otherwise rethrows errors of `body`.
  package static func checked<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      let result = try body()
      try check()
      return result
    } catch {
      try check()
      throw error
    }
  }

  /// Calls `body` with consecutive ranges of at most `length` that cover `0..<count`, and checks for
  /// cancellation before each call.
  ///
  /// - Throws: `CancellationError`; rethrows errors of `body`.
  package static func forEachRange(
    of count: Int, length: Int, _ body: (Range<Int>) throws -> Void
  ) throws {
    for start in stride(from: 0, to: count, by: length) {
      try check()
      try body(start..<min(start + length, count))
    }
  }
}

/// Tells the threads that work for the same task that the task is cancelled.
///
/// The thread of the task raises the signal as soon as it finds that the task is cancelled.
package final class CancellationSignal: Sendable {
  private let raised = Atomic(false)

  package init() {}

  var isRaised: Bool { raised.load(ordering: .relaxed) }

  func raise() { raised.store(true, ordering: .relaxed) }

  /// Calls `body` with this signal as the signal of the current thread.
  package func withCurrent(_ body: () -> Void) {
    let before = pthread_getspecific(Self.key)
    pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    body()
    pthread_setspecific(Self.key, before)
  }

  /// The signal of the current thread.
  static var current: CancellationSignal? {
    pthread_getspecific(key).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
}

/// Looks for cancellation at every 16,384th step of a loop with short steps.
///
/// ```swift
/// var cancellation = CancellationSteps()
/// while index < end, !cancellation.isRequested() { … }
/// ```
///
/// A loop that ends early leaves an incomplete result. A caller that throws calls `Cancellation.check()` before
/// it uses the result: a cancelled task stays cancelled.
package struct CancellationSteps {
  private var steps = 0

  @inline(__always)
  package init() {}

  @inline(__always)
  package mutating func isRequested() -> Bool {
    steps &+= 1
    return steps & 0x3FFF == 0 && Cancellation.isRequested
  }
}
