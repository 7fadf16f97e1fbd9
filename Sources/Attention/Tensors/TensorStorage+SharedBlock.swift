import Foundation
import Synchronization

extension TensorStorage {
  /// Memory in large pages that several weights share, each with a part. See `Tuning.Memory.sharedBlock`.
  final class SharedBlock: Sendable {
    /// The block that new parts come from; nil after its last part is released.
    private struct Current {
      weak var block: SharedBlock?
    }
    private static let current = Mutex(Current())

    private nonisolated(unsafe) let base: UnsafeMutableRawPointer
    private let used = Mutex(0)

    private init?() {
      var memory: UnsafeMutableRawPointer?
      guard ProcessMemory.hasRoom(for: Tuning.Memory.sharedBlock),
        posix_memalign(&memory, Tuning.Memory.largePage, Tuning.Memory.sharedBlock) == 0,
        let memory
      else {
        return nil
      }
      TensorStorage.adviseLargePages(memory, byteCount: Tuning.Memory.sharedBlock)
      base = memory
    }

    /// A part of the block that is being filled, or of a new block.
    ///
    /// - Returns: the part, valid for the lifetime of the block; nil if the size is outside of
    ///   `Tuning.Memory.sharedBlockPart`, or if the allocation fails.
    static func part(byteCount: Int) -> (memory: UnsafeMutableRawPointer, block: SharedBlock)? {
      guard Tuning.Memory.sharedBlockPart.contains(byteCount) else { return nil }
      return current.withLock { current in
        if let block = current.block, let memory = block.take(byteCount) { return (memory, block) }
        guard let block = SharedBlock(), let memory = block.take(byteCount) else { return nil }
        current.block = block
        return (memory, block)
      }
    }

    private func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
      let start = used.withLock { used -> Int? in
        let (start, alignment) = (used, TensorStorage.alignment)
        guard byteCount <= Tuning.Memory.sharedBlock - start else { return nil }
        used = min(
          Tuning.Memory.sharedBlock, (start + byteCount + alignment - 1) / alignment * alignment)
        return start
      }
      return start.map { base + $0 }
    }

    deinit { free(base) }
  }
}
