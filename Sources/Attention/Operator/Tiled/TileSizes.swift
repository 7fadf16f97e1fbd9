import Foundation

/// The block sizes of the operator, derived from the cache sizes.
///
/// A block of keys and values is packed and stays in the second-level cache while a block of queries
/// reads it. A strip is the part of these queries that is scored at a time: the rows of one product.
/// Its scores stay in the first-level cache until they are multiplied by the values. A strip skips
/// the keys that a mask hides from all of its queries.
struct TileSizes {
  /// Queries of a head that share packed keys and values.
  let queryBlock: Int
  /// Keys that are packed at a time; a multiple of a panel's width.
  let keyBlock: Int
  /// Scalars between the starts of two rows of scores.
  var scoreStride: Int { keyBlock + Tuning.Attention.scoreGap }
  /// Queries that are scored at a time.
  let strip: Int

  init(_ problem: AttentionProblem, kernels: any Kernels, threads: Int) {
    let (tile, width) = (kernels.tileRows, PanelProduct.width)
    strip = tile * max(1, Tuning.Attention.stripRows / tile)

    // A strip's scores leave a third of the first-level cache to a panel. Packed keys and values take
    // half of the second-level cache.
    let scalar = MemoryLayout<Float>.stride
    let byScores = Self.firstLevel * 2 / 3 / (strip * scalar)
    let keyAndValue =
      problem.keyDimension + PanelProduct.scalarCount(k: 1, n: problem.valueDimension)
    let byKeys = Self.secondLevel / 2 / (keyAndValue * scalar)
    keyBlock = max(2 * width, min(byScores, byKeys, Tuning.Attention.keyBlock) / width * width)

    // Packing a key costs as much as scoring it for about ten queries. Blocks are as large as
    // possible while there are enough of them to balance the threads.
    let rows = problem.queryCount * problem.headCount
    let block =
      Tuning.Attention.queryBlocks.first {
        rows >= Tuning.Attention.blocksPerThread * $0 * threads
      } ?? Tuning.Attention.leastQueryBlock
    queryBlock = max(1, block / (problem.headCount / problem.keyValueHeadCount))
  }

  private static let firstLevel = size(of: Int32(_SC_LEVEL1_DCACHE_SIZE), otherwise: 32 << 10)
  private static let secondLevel = size(of: Int32(_SC_LEVEL2_CACHE_SIZE), otherwise: 512 << 10)

  /// The size of a cache in bytes, if the system knows it.
  private static func size(of name: Int32, otherwise fallback: Int) -> Int {
    let size = sysconf(name)
    return size > 0 ? size : fallback
  }
}
