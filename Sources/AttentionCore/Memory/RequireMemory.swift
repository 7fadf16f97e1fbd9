import Foundation

/// Checks that memory can be allocated, because a failed allocation in a Swift array ends the process.
///
/// Allocations below 16 MB are not checked: they rarely fail, and the check takes time.
///
/// - Throws: `AttentionError.memory`.
package func requireMemory(byteCount: Int, purpose: @autoclosure () -> String) throws {
  guard byteCount >= 1 << 24 else { return }
  // Use mmap: an optimizer may remove a pair of malloc and free.
  let probe = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  guard let probe, probe != MAP_FAILED else {
    throw AttentionError.memory(byteCount: byteCount, purpose: purpose())
  }
  munmap(probe, byteCount)
}
