import Foundation

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
    return isAddressSpaceLimited ? .limited : .ample
  }

  private static var isAddressSpaceLimited: Bool {
    var limit = rlimit()
    #if canImport(Glibc)
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return false }
    #else
      guard getrlimit(RLIMIT_AS, &limit) == 0 else { return false }
    #endif
    // RLIM_INFINITY is the largest number of its type, or close to it.
    return limit.rlim_cur < rlim_t(Int64.max)
  }
}
