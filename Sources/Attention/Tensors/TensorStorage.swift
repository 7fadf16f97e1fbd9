import Foundation

/// Aligned memory for Float32 scalars, freed when the last owner releases it.
///
/// Sharing the memory between tasks is safe because only `Tensor` writes to it, and a tensor that
/// is not the only owner copies it first.
final class TensorStorage: @unchecked Sendable {
  /// The size in bytes of a cache line and of the widest vector register.
  static let alignment = 64

  let base: UnsafeMutablePointer<Float>
  let count: Int
  /// The block that contains the memory; nil if this object owns its memory.
  private let block: SharedBlock?

  /// Uninitialized memory for `count` scalars. The caller must write all of it before it is read.
  ///
  /// - Throws: `AttentionError.memory` if the allocation fails, `AttentionError.overflow` if the
  ///   byte count exceeds `Int`.
  init(uninitializedCount count: Int, purpose: @autoclosure () -> String) throws {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow else {
      throw AttentionError.overflow(
        "the byte count of \(count) scalars for \(purpose()) exceeds \(Int.max)")
    }
    var memory: UnsafeMutableRawPointer?
    let isLarge = byteCount >= Tuning.Memory.largePage
    // Use posix_memalign: it reports a failure, while Swift's allocator would end the process.
    let status = posix_memalign(
      &memory, isLarge ? Tuning.Memory.largePage : Self.alignment, max(byteCount, Self.alignment))
    guard status == 0, let memory else {
      throw AttentionError.memory(byteCount: byteCount, purpose: purpose())
    }
    if isLarge { Self.adviseLargePages(memory, byteCount: byteCount) }
    self.base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    self.count = count
    block = nil
  }

  /// Uninitialized memory for scalars that live as long as a model, such as weights.
  ///
  /// - Throws: as ``init(uninitializedCount:purpose:)``.
  convenience init(lastingCount count: Int, purpose: @autoclosure () -> String) throws {
    let stride = MemoryLayout<Float>.stride
    if count <= Tuning.Memory.sharedBlock / stride,
      let part = SharedBlock.part(byteCount: count * stride)
    {
      self.init(part.memory, of: part.block, count: count)
    } else {
      try self.init(uninitializedCount: count, purpose: purpose())
    }
  }

  private init(_ memory: UnsafeMutableRawPointer, of block: SharedBlock, count: Int) {
    base = memory.bindMemory(to: Float.self, capacity: count)
    self.count = count
    self.block = block
  }

  /// Requests large pages. If the system does not provide them, the memory has normal pages.
  static func adviseLargePages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
  }

  deinit { if block == nil { free(base) } }
}
