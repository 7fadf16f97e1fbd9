/// Checks that memory can be allocated, because a failed allocation in a Swift array ends the process.
///
/// Allocations below 1 MB are not checked: the memory that `ProcessMemory` keeps free is for them.
///
/// - Throws: `AttentionError.memory`.
package func requireMemory(byteCount: Int, purpose: @autoclosure () -> String) throws {
  guard ProcessMemory.hasRoom(for: byteCount) else {
    throw AttentionError.memory(byteCount: byteCount, purpose: purpose())
  }
}

/// Checks that an array of `count` elements can be allocated.
///
/// - Throws: `AttentionError.memory`; `AttentionError.overflow` if the byte count exceeds `Int`.
package func requireMemory<Element>(
  count: Int, of type: Element.Type, purpose: @autoclosure () -> String
) throws {
  let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
  guard !overflow else {
    throw AttentionError.overflow(
      "the byte count of \(count) elements for \(purpose()) exceeds \(Int.max)")
  }
  try requireMemory(byteCount: byteCount, purpose: purpose())
}
