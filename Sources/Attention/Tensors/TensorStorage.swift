import Foundation

/// Aligned memory for Float32 scalars, freed with its last owner.
///
/// All writing goes through `Tensor`, which copies first unless it is the only owner: that is what
/// makes sharing it between tasks safe.
final class TensorStorage: @unchecked Sendable {
  /// Cache-line alignment, which is also the widest vector register.
  static let alignment = 64

  /// From this size on, large pages: taking memory 4 KB at a time costs about as much as filling it.
  private static let largeByteCount = 2 << 20
  static let largePage = 2 << 20

  let base: UnsafeMutablePointer<Float>
  let count: Int
  /// What the memory is a piece of; nil where it is this value's own.
  private let block: StorageBlock?

  /// Uninitialised memory for `count` scalars; the caller fills all of it before anyone reads.
  ///
  /// - Throws: `AttentionError.memory` when the system grants none, `AttentionError.overflow` when
  ///   the byte count exceeds `Int`.
  init(uninitializedCount count: Int, purpose: @autoclosure () -> String) throws {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow else { throw AttentionError.overflow("\(count) scalars for \(purpose())") }
    var memory: UnsafeMutableRawPointer?
    let isLarge = byteCount >= Self.largeByteCount
    // posix_memalign reports failure, where Swift's allocator would end the process.
    let status = posix_memalign(
      &memory, isLarge ? Self.largePage : Self.alignment, max(byteCount, Self.alignment))
    guard status == 0, let memory else {
      throw AttentionError.memory(byteCount: byteCount, purpose: purpose())
    }
    if isLarge { Self.adviseLargePages(memory, byteCount: byteCount) }
    self.base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    self.count = count
    block = nil
  }

  /// Uninitialised memory for scalars that are read again and again, for as long as a model lives.
  ///
  /// - Throws: as ``init(uninitializedCount:purpose:)``.
  convenience init(lastingCount count: Int, purpose: @autoclosure () -> String) throws {
    let stride = MemoryLayout<Float>.stride
    if count <= StorageBlock.byteCount / stride,
      let piece = StorageBlock.piece(byteCount: count * stride)
    {
      self.init(piece.memory, of: piece.block, count: count)
    } else {
      try self.init(uninitializedCount: count, purpose: purpose())
    }
  }

  private init(_ memory: UnsafeMutableRawPointer, of block: StorageBlock, count: Int) {
    base = memory.bindMemory(to: Float.self, capacity: count)
    self.count = count
    self.block = block
  }

  /// Asks for large pages; where there are none, small ones do.
  static func adviseLargePages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
  }

  deinit { if block == nil { free(base) } }
}
