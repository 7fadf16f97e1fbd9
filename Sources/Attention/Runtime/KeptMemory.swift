import Foundation
import Synchronization

/// Memory of freed tensors, kept for the next tensors of about the same size.
///
/// The system clears every page before a process gets it, which for a large result takes a tenth of
/// the time of the operator.
final class KeptMemory: Sendable {
  static let shared = KeptMemory(limit: Tuning.Memory.keptBytes)

  /// A block from `posix_memalign`.
  struct Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// The maximum total size in bytes.
  private let limit: Int
  /// The kept blocks, the oldest first.
  private let kept = Mutex<(blocks: [Block], byteCount: Int)>((blocks: [], byteCount: 0))

  init(limit: Int) {
    self.limit = limit
  }

  /// The total size of the kept blocks, in bytes.
  var byteCount: Int { kept.withLock { $0.byteCount } }

  /// The block that was kept last and has at least `byteCount` bytes, and at most a quarter more; nil if
  /// there is none.
  func take(byteCount: Int) -> Block? {
    guard byteCount >= Tuning.Memory.leastKeptBlock else { return nil }
    return kept.withLock { kept in
      let largest = byteCount + byteCount / 4
      guard
        let index = kept.blocks.lastIndex(where: {
          $0.byteCount >= byteCount && $0.byteCount <= largest
        })
      else { return nil }
      let block = kept.blocks.remove(at: index)
      kept.byteCount -= block.byteCount
      return block
    }
  }

  /// Keeps a block that nothing uses any more, or frees it if it is small or larger than the limit. Frees
  /// the oldest blocks beyond the limit.
  func keep(_ block: Block) {
    guard block.byteCount >= Tuning.Memory.leastKeptBlock, block.byteCount <= limit else {
      return free(block.base)
    }
    let dropped = kept.withLock { kept in
      kept.blocks.append(block)
      kept.byteCount += block.byteCount
      var count = 0
      while kept.byteCount > limit {
        kept.byteCount -= kept.blocks[count].byteCount
        count += 1
      }
      defer { kept.blocks.removeFirst(count) }
      return Array(kept.blocks.prefix(count))
    }
    for block in dropped { free(block.base) }
  }

  /// Frees all kept blocks.
  func release() {
    let blocks = kept.withLock { kept in
      defer { kept = (blocks: [], byteCount: 0) }
      return kept.blocks
    }
    for block in blocks { free(block.base) }
  }

  deinit { release() }
}
