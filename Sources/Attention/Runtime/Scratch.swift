import Synchronization

/// Work memory of kernels and layers, kept for the next call.
///
/// A thread first tries the slot that it used last: the buffer there is likely in its cache, and no other
/// thread contends for it. Taking and returning a buffer is two atomic exchanges, without a lock.
final class Scratch: Sendable {
  private static let shared = Scratch()

  private static let slotCount = 64

  private let slots = (0..<slotCount).map { _ in Slot() }
  private let kept = Atomic(0)

  /// One slot with one buffer. The padding keeps each slot on a separate cache line.
  private final class Slot: Sendable {
    let storage = Atomic<Unmanaged<TensorStorage>?>(nil)
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
  }

  /// Calls `body` with memory for at least `count` scalars, with arbitrary content.
  ///
  /// - Throws: `AttentionError.memory`; rethrows errors of `body`.
  static func withFloats<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) throws -> Result {
    try shared.withFloats(count: count, body)
  }

  /// The same for this instance; only tests use other instances than the shared one.
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

  /// The size of all unused buffers, in bytes.
  var keptByteCount: Int { kept.load(ordering: .relaxed) }

  private func take(count: Int, from first: Int) -> TensorStorage? {
    for step in 0..<Self.slotCount {
      let slot = slots[(first + step) % Self.slotCount]
      guard slot.storage.load(ordering: .relaxed) != nil,
        let found = slot.storage.exchange(nil, ordering: .acquiring)
      else { continue }
      let storage = found.takeRetainedValue()
      kept.subtract(storage.byteCount, ordering: .relaxed)
      if storage.count >= count { return storage }
      // Too small: drop it. The caller allocates a larger buffer, which replaces it.
      return nil
    }
    return nil
  }

  private func keep(_ storage: TensorStorage, at first: Int) {
    let total = kept.wrappingAdd(storage.byteCount, ordering: .relaxed).newValue
    if total <= Tuning.Memory.keptBytes {
      for step in 0..<Self.slotCount {
        let slot = slots[(first + step) % Self.slotCount]
        guard slot.storage.load(ordering: .relaxed) == nil else { continue }
        let mine = Unmanaged.passRetained(storage)
        let (done, _) = slot.storage.compareExchange(
          expected: nil, desired: mine, ordering: .releasing)
        if done { return }
        mine.release()
      }
    }
    kept.subtract(storage.byteCount, ordering: .relaxed)
  }

  /// Frees all unused buffers.
  static func release() { shared.release() }

  private func release() {
    for slot in slots {
      guard let storage = slot.storage.exchange(nil, ordering: .acquiring) else { continue }
      kept.subtract(storage.takeUnretainedValue().byteCount, ordering: .relaxed)
      storage.release()
    }
  }

  deinit { release() }
}

extension TensorStorage {
  fileprivate var byteCount: Int { count * MemoryLayout<Float>.stride }
}
