import Attention
import Foundation

/// Memory at the start of the process.
enum StartMemory {
  /// Checks that there is memory to start with, and makes the memory allocator use one arena if the address space
  /// is limited: otherwise it reserves 64 MB for each thread.
  ///
  /// - Throws: `AttentionError.memory`. Without the check, the Swift runtime would end the process at the first
  ///   allocation that fails.
  static func prepare() throws {
    guard ProcessMemory.isAddressSpaceLimited else { return }
    useOneArena()
    try requireMemory(byteCount: 8 << 20, purpose: "the start of attend")
  }

  /// Calls `mallopt(M_ARENA_MAX, 1)`. Swift does not import glibc's header malloc.h.
  private static func useOneArena() {
    typealias Function = @convention(c) (Int32, Int32) -> Int32
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let arenaLimit: Int32 = -8
    _ = unsafeBitCast(symbol, to: Function.self)(arenaLimit, 1)
  }
}
