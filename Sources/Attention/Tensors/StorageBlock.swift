import Foundation
import Synchronization

/// A memory block in large pages that is divided among many weight matrices.
///
/// Generating text reads every weight once per token. For matrices of a few hundred KB in pages of
/// 4 KB, address translation takes a tenth of that time.
final class StorageBlock: Sendable {
  static let byteCount = 32 << 20
  /// Smaller pieces do not benefit from large pages; larger matrices get them from `TensorStorage`
  /// directly.
  static let pieceByteCounts = 64 << 10...8 << 20

  /// A weak reference: a block is freed when none of its pieces is in use.
  private struct Current {
    weak var block: StorageBlock?
  }
  private static let current = Mutex(Current())

  private nonisolated(unsafe) let base: UnsafeMutableRawPointer
  private let used = Mutex(0)

  private init?() {
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, TensorStorage.largePage, Self.byteCount) == 0, let memory else {
      return nil
    }
    TensorStorage.adviseLargePages(memory, byteCount: Self.byteCount)
    base = memory
  }

  /// Returns a piece of the current block, or of a new block.
  ///
  /// - Returns: the piece, valid while the block is alive; nil if the size is outside
  ///   `pieceByteCounts` or the allocation fails.
  static func piece(byteCount: Int) -> (memory: UnsafeMutableRawPointer, block: StorageBlock)? {
    guard pieceByteCounts.contains(byteCount) else { return nil }
    return current.withLock { current in
      if let block = current.block, let memory = block.take(byteCount) { return (memory, block) }
      guard let block = StorageBlock(), let memory = block.take(byteCount) else { return nil }
      current.block = block
      return (memory, block)
    }
  }

  private func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let start = used.withLock { used -> Int? in
      let (start, alignment) = (used, TensorStorage.alignment)
      guard byteCount <= Self.byteCount - start else { return nil }
      used = min(Self.byteCount, (start + byteCount + alignment - 1) / alignment * alignment)
      return start
    }
    return start.map { base + $0 }
  }

  deinit { free(base) }
}
