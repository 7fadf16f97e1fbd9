import Foundation
import Synchronization

/// Memory in large pages, of which many matrices that stay take a piece each.
///
/// Generating text reads every weight once a token. Where matrices of some hundred KB lie in pages of
/// 4 KB, finding those takes a tenth of the time.
final class StorageBlock: Sendable {
  static let byteCount = 32 << 20
  /// Smaller pieces are not worth it, larger ones have large pages of their own.
  static let pieceByteCounts = 64 << 10...8 << 20

  /// A block as long as some piece of it is in use.
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

  /// A piece of the block that is being filled, or of a new one.
  ///
  /// - Returns: the piece, which is there as long as the block is; nil where its size is none for a block,
  ///   or the system grants no memory.
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
