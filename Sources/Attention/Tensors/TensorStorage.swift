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
  private let owner: Owner

  /// What owns the memory.
  private enum Owner {
    /// This object, which frees it.
    case object
    /// This object, which lets `KeptMemory` keep this number of bytes.
    case temporary(byteCount: Int)
    /// A block that several objects share.
    case block(SharedBlock)
  }

  /// Uninitialized memory for `count` scalars. The caller must write all of it before it is read.
  ///
  /// - Throws: `AttentionError.memory` if the allocation fails, `AttentionError.overflow` if the
  ///   byte count exceeds `Int`.
  convenience init(uninitializedCount count: Int, purpose: @autoclosure () -> String) throws {
    try self.init(uninitializedCount: count, isLasting: false, purpose: purpose())
  }

  private init(
    uninitializedCount count: Int, isLasting: Bool, purpose: @autoclosure () -> String
  ) throws {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow else {
      throw AttentionError.overflow(
        "the byte count of \(count) scalars for \(purpose()) exceeds \(Int.max)")
    }
    self.count = count
    if !isLasting, let kept = KeptMemory.shared.take(byteCount: byteCount) {
      base = kept.base.bindMemory(to: Float.self, capacity: count)
      owner = .temporary(byteCount: kept.byteCount)
      return
    }
    guard let memory = Self.allocate(byteCount: byteCount) else {
      throw AttentionError.memory(byteCount: byteCount, purpose: purpose())
    }
    base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    owner = isLasting ? .object : .temporary(byteCount: byteCount)
  }

  /// Aligned memory; nil if there is none, not even after all kept memory is freed.
  private static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    let isLarge = byteCount >= Tuning.Memory.largePage
    let alignment = isLarge ? Tuning.Memory.largePage : Self.alignment
    var memory: UnsafeMutableRawPointer?
    // Use posix_memalign: it reports a failure, while Swift's allocator would end the process.
    // Many small tensors can use up the memory that is reserved for Swift's arrays: check earlier.
    let checked = byteCount < 1 << 16 ? 0 : max(byteCount, ProcessMemory.leastByteCount)
    func hasAllocated() -> Bool {
      ProcessMemory.hasRoom(for: checked)
        && posix_memalign(&memory, alignment, max(byteCount, Self.alignment)) == 0
    }
    if !hasAllocated() {
      releaseWorkMemory()
      guard hasAllocated() else { return nil }
    }
    guard let memory else { return nil }
    if isLarge { adviseLargePages(memory, byteCount: byteCount) }
    return memory
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
      try self.init(uninitializedCount: count, isLasting: true, purpose: purpose())
    }
  }

  private init(_ memory: UnsafeMutableRawPointer, of block: SharedBlock, count: Int) {
    base = memory.bindMemory(to: Float.self, capacity: count)
    self.count = count
    owner = .block(block)
  }

  /// Requests large pages. If the system does not provide them, the memory has normal pages.
  static func adviseLargePages(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
  }

  deinit {
    switch owner {
    case .object: free(base)
    case .temporary(let byteCount):
      KeptMemory.shared.keep(.init(base: UnsafeMutableRawPointer(base), byteCount: byteCount))
    case .block: break
    }
  }
}
