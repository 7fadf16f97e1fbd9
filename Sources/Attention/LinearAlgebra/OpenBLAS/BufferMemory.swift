import Foundation

/// What the system grants this process for OpenBLAS's buffers, of which each caller inside takes one.
///
/// Where it is denied one, OpenBLAS asks again for ever; so it is asked for here first.
package enum BufferMemory: Sendable {
  /// No limit is in sight.
  case ample
  /// There is a limit to the address space: only one buffer is counted on.
  case limited
  /// There is not even room for one.
  case denied

  /// More than releases up to now take for a caller on x86-64 and arm64, which is 128 MiB.
  package static let byteCount = 160 << 20

  /// What holds now.
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
