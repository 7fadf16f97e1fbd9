import AttentionCore
import Foundation

/// Memory for the vectors of a search, in pages of 2 MB where the system has them: a search reads all of it, and with
/// pages of 4 KB it takes 1.6 times as long.
///
/// The memory is reserved at once, and used page by page as vectors are written.
final class VectorMemory: @unchecked Sendable {
  // Immutable addresses; `VectorBlock` orders the accesses.
  let base: UnsafeMutableRawPointer
  private let mapping: UnsafeMutableRawPointer
  private let mappedByteCount: Int
  private static let pageByteCount = 2 << 20

  /// - Throws: `AttentionError.memory`.
  init(byteCount: Int) throws {
    let (padded, overflow) = max(byteCount, 1).addingReportingOverflow(Self.pageByteCount)
    guard !overflow,
      let mapping = mmap(
        nil, padded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      mapping != MAP_FAILED
    else { throw AttentionError.memory(byteCount: byteCount, purpose: "vectors") }
    self.mapping = mapping
    mappedByteCount = padded
    let misalignment = UInt(bitPattern: mapping) % UInt(Self.pageByteCount)
    base = mapping + (misalignment == 0 ? 0 : Self.pageByteCount - Int(misalignment))
    #if canImport(Glibc)
      // A hint: without it, the pages have 4 KB.
      _ = madvise(base, padded - Self.pageByteCount, 14 /* MADV_HUGEPAGE */)
    #endif
  }

  deinit { munmap(mapping, mappedByteCount) }
}
