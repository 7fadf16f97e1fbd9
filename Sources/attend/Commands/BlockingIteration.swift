import AttentionModels
import Foundation
import Synchronization

/// Calls `body` with each piece of a text as it is written, and waits for the last: this program does one
/// thing after the other.
///
/// The pieces are computed with the backend and the threads of the caller's scope.
func forEach(
  _ pieces: GeneratedTextStream, _ body: (GeneratedPiece) throws -> Void
) throws {
  let next = Handover<Result<GeneratedPiece?, any Error>>()
  let task = Task {
    var iterator = pieces.makeAsyncIterator()
    var isDone = false
    while !isDone {
      let result: Result<GeneratedPiece?, any Error>
      do {
        let piece = try await iterator.next()
        isDone = piece == nil
        result = .success(piece)
      } catch {
        isDone = true
        result = .failure(error)
      }
      next.put(result)
    }
  }
  defer { task.cancel() }
  while let piece = try next.take().get() { try body(piece) }
}

/// Values on their way from one thread to another.
private final class Handover<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  private let count = DispatchSemaphore(value: 0)

  func put(_ value: Value) {
    values.withLock { $0.append(value) }
    count.signal()
  }

  /// The next value, when it has come.
  func take() -> Value {
    while true {
      count.wait()
      if let value = values.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return value }
    }
  }
}
