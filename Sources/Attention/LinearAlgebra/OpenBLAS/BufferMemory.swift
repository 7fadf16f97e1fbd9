import Foundation

/// The memory that the system grants this process for OpenBLAS's buffers: each concurrent caller uses one.
///
/// When OpenBLAS cannot allocate a buffer, it tries forever. So this type tries first.
package enum BufferMemory: Sendable {
  /// There is no limit.
  case ample
  /// The address space is limited: only one buffer is used.
  case limited
  /// There is no memory for a buffer.
  case denied

  /// Bytes of a buffer: more than the 128 MiB of all releases so far on x86-64 and arm64.
  package static let byteCount = 160 << 20

  /// The state of this process.
  static var current: BufferMemory {
    do {
      try requireMemory(byteCount: byteCount, purpose: "OpenBLAS")
    } catch {
      return .denied
    }
    return isAddressSpaceLimited ? .limited : .ample
  }

  private static var isAddressSpaceLimited: Bool {
    var limit = rlimit()
    #if canImport(Glibc)
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return false }
    #else
      guard getrlimit(RLIMIT_AS, &limit) == 0 else { return false }
    #endif
    // "Infinity" is the largest number there is, or close to it.
    return limit.rlim_cur < rlim_t(Int64.max)
  }
}
