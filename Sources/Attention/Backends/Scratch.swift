import Synchronization

/// Work memory that is used again: the threads of the library take it and give it back.
enum Scratch {
  private static let free = Mutex<[TensorStorage]>([])

  /// Calls `body` with room for at least `count` scalars, of arbitrary content.
  ///
  /// - Throws: `AttentionError.memory`, and what `body` throws.
  static func withFloats<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) throws -> Result {
    let kept = free.withLock { storages in
      storages.lastIndex { $0.count >= count }.map { storages.remove(at: $0) }
    }
    let storage =
      try kept ?? TensorStorage(uninitializedCount: count, purpose: "work memory of an operator")
    defer { free.withLock { $0.append(storage) } }
    return try body(storage.base)
  }
}
