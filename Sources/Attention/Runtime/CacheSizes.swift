import Foundation

/// The sizes of this processor's caches in bytes, as far as the system knows them.
enum CacheSizes {
  static let firstLevel = size(of: Int32(_SC_LEVEL1_DCACHE_SIZE), otherwise: 32 << 10)
  static let secondLevel = size(of: Int32(_SC_LEVEL2_CACHE_SIZE), otherwise: 512 << 10)

  private static func size(of name: Int32, otherwise fallback: Int) -> Int {
    let size = sysconf(name)
    return size > 0 ? size : fallback
  }
}
