/// Whether this process can allocate OpenBLAS's buffers. Each concurrent caller uses one buffer.
///
/// OpenBLAS retries a failed allocation forever, so this type tries an allocation first.
package enum BufferMemory: Sendable {
  /// There is no limit.
  case ample
  /// The address space is limited: only one buffer may be used.
  case limited
  /// There is no memory for a buffer.
  case denied

  /// The assumed size of a buffer in bytes: more than the 128 MiB of all releases so far on x86-64
  /// and arm64.
  package static let byteCount = 160 << 20

  /// The state of this process.
  static var current: BufferMemory {
    do {
      try requireMemory(byteCount: byteCount, purpose: "OpenBLAS")
    } catch {
      return .denied
    }
    return ProcessMemory.isAddressSpaceLimited ? .limited : .ample
  }
}
