import Foundation

/// How the operator cuts its work, from the caches that each part should stay in.
///
/// Keys and values are packed a block at a time, and the block stays in the second-level cache while
/// a block of queries goes past it. Of those queries a strip at a time is scored, as many as a product
/// computes at once, and its scores stay in the first-level cache until the values are mixed. Strips
/// are also the steps in which a mask's diagonal is followed.
struct TileSizes {
  /// Queries of a head that share packed keys and values.
  let queryBlock: Int
  /// Keys that are packed at a time; a multiple of a panel's width.
  let keyBlock: Int
  /// How far apart rows of scores stand: not a power of two, whose rows would contend for the same
  /// places in the cache.
  var scoreStride: Int { keyBlock + 16 }
  /// Queries whose scores exist at a time.
  let strip: Int

  init(_ problem: AttentionProblem, loops: any VectorLoops, threads: Int) {
    let (tile, width) = (loops.tileRows, PanelProduct.width)
    strip = tile * max(1, 16 / tile)

    // A strip's scores leave a third of the first level to a panel; keys and values take half of the
    // second.
    let scalar = MemoryLayout<Float>.stride
    let byScores = Self.firstLevel * 2 / 3 / (strip * scalar)
    let keyAndValue =
      problem.keyDimension + PanelProduct.scalarCount(k: 1, n: problem.valueDimension)
    let byKeys = Self.secondLevel / 2 / (keyAndValue * scalar)
    keyBlock = max(2 * width, min(byScores, byKeys, 512) / width * width)

    // Packing a key costs as much as scoring some ten queries, so many share it, as long as there
    // remain blocks enough to balance the threads.
    let rows = problem.queryCount * problem.headCount
    let block = [512, 256].first { rows >= 8 * $0 * threads } ?? 128
    queryBlock = max(1, block / (problem.headCount / problem.keyValueHeadCount))
  }

  private static let firstLevel = size(of: Int32(_SC_LEVEL1_DCACHE_SIZE), otherwise: 32 << 10)
  private static let secondLevel = size(of: Int32(_SC_LEVEL2_CACHE_SIZE), otherwise: 512 << 10)

  /// A cache's bytes, as the system knows them.
  private static func size(of name: Int32, otherwise fallback: Int) -> Int {
    let size = sysconf(name)
    return size > 0 ? size : fallback
  }
}
