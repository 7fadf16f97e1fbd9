import Synchronization

/// Work memory that is used again: threads take it and give it back.
///
/// A helper looks first where it left its own, so that it finds it warm and nobody else's hands on it:
/// two exchanges, no lock.
final class Scratch: Sendable {
  private static let shared = Scratch()

  /// What is kept for later altogether, in bytes; a thread's tiles are some hundred KB.
  static let keptByteLimit = 64 << 20
  private static let shelfCount = 64

  private let shelves = (0..<shelfCount).map { _ in Shelf() }
  private let kept = Atomic(0)

  /// One thread's place, alone on its cache line.
  private final class Shelf: Sendable {
    let storage = Atomic<Unmanaged<TensorStorage>?>(nil)
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
  }

  /// Calls `body` with room for at least `count` scalars, of arbitrary content.
  ///
  /// - Throws: `AttentionError.memory`, and what `body` throws.
  static func withFloats<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) throws -> Result {
    try shared.withFloats(count: count, body)
  }

  /// As the shared one does, which is for all but tests.
  func withFloats<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) throws -> Result {
    let first = WorkerThread.number.map { $0 + 1 } ?? 0
    let storage =
      try take(count: count, from: first)
      ?? TensorStorage(uninitializedCount: count, purpose: "work memory of an operator")
    defer { keep(storage, at: first) }
    return try body(storage.base)
  }

  /// The bytes that are kept now.
  var keptByteCount: Int { kept.load(ordering: .relaxed) }

  private func take(count: Int, from first: Int) -> TensorStorage? {
    for step in 0..<Self.shelfCount {
      let shelf = shelves[(first + step) % Self.shelfCount]
      guard shelf.storage.load(ordering: .relaxed) != nil,
        let found = shelf.storage.exchange(nil, ordering: .acquiring)
      else { continue }
      let storage = found.takeRetainedValue()
      kept.subtract(storage.byteCount, ordering: .relaxed)
      if storage.count >= count { return storage }
      // Too small: it goes, and what was asked for is kept in its stead.
      return nil
    }
    return nil
  }

  private func keep(_ storage: TensorStorage, at first: Int) {
    let total = kept.wrappingAdd(storage.byteCount, ordering: .relaxed).newValue
    if total <= Self.keptByteLimit {
      for step in 0..<Self.shelfCount {
        let shelf = shelves[(first + step) % Self.shelfCount]
        guard shelf.storage.load(ordering: .relaxed) == nil else { continue }
        let mine = Unmanaged.passRetained(storage)
        let (done, _) = shelf.storage.compareExchange(
          expected: nil, desired: mine, ordering: .releasing)
        if done { return }
        mine.release()
      }
    }
    kept.subtract(storage.byteCount, ordering: .relaxed)
  }

  /// Gives back all memory that is kept and not in use.
  static func release() { shared.release() }

  private func release() {
    for shelf in shelves {
      guard let storage = shelf.storage.exchange(nil, ordering: .acquiring) else { continue }
      kept.subtract(storage.takeUnretainedValue().byteCount, ordering: .relaxed)
      storage.release()
    }
  }

  deinit { release() }
}

extension TensorStorage {
  fileprivate var byteCount: Int { count * MemoryLayout<Float>.stride }
}
