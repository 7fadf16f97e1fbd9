/// The tiles in which the operator computes, and the layout of the keys and values for them.
///
/// A block of keys and values is packed and stays in the second-level cache while a block of queries
/// reads it. A strip is the part of these queries that is scored at a time: the rows of one product.
/// Its scores stay in the first-level cache until they are multiplied by the values.
package struct AttentionTiles: Equatable, Sendable {
  /// The layout of packed keys and values, and the product that reads them.
  package enum Layout: Sendable {
    /// Panels of 32 keys and of 32 value columns, for `multiply(PanelProduct)`.
    case panels
    /// One matrix `[dk, keys]` and one `[keys, dv]`, for `multiply(MatrixProduct)`. Rows are padded to
    /// a multiple of 16 columns, and products compute all of them.
    case matrices
  }

  /// Queries of a strip.
  package let strip: Int
  /// Keys that are packed at a time, a multiple of 32.
  package let keyBlock: Int
  package let layout: Layout

  package init(strip: Int, keyBlock: Int, layout: Layout) {
    self.strip = strip
    self.keyBlock = keyBlock
    self.layout = layout
  }

  /// The tiles for kernels that multiply panels.
  ///
  /// A strip's scores leave a third of the first-level cache to a panel. Packed keys and values take
  /// half of the second-level cache.
  init(inPanels kernels: some Kernels, keyDimension: Int, valueDimension: Int) {
    let (tile, width) = (kernels.tileRows, PanelProduct.width)
    let scalar = MemoryLayout<Float>.stride
    strip = tile * max(1, Tuning.Attention.stripRows / tile)
    let byScores = CacheSizes.firstLevel * 2 / 3 / (strip * scalar)
    let keyAndValue = keyDimension + PanelProduct.scalarCount(k: 1, n: valueDimension)
    let byKeys = CacheSizes.secondLevel / 2 / (keyAndValue * scalar)
    keyBlock = max(2 * width, min(byScores, byKeys, Tuning.Attention.keyBlock) / width * width)
    layout = .panels
  }
}
