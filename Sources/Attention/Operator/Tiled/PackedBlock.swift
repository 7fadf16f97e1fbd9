/// A block of packed keys and values, and the products with them.
///
/// Legend: D = dk, E = dv; C keys in the block.
struct PackedBlock {
  /// The columns of a call of sgemm: with a multiple of this number, the bits of a row do not depend
  /// on the other rows of the product.
  private static let columnMultiple = 16

  private let kernels: any Kernels
  private let layout: AttentionTiles.Layout
  private let keyDimension: Int
  private let valueDimension: Int
  private let keyCount: Int
  /// K, `[D, C]`.
  private let keys: UnsafeMutablePointer<Float>
  /// V, `[C, E]`.
  private let values: UnsafeMutablePointer<Float>

  /// - Parameter memory: memory for `scalarCount` scalars.
  init(
    _ problem: AttentionProblem, kernels: any Kernels, tiles: AttentionTiles, keyCount: Int,
    memory: UnsafeMutablePointer<Float>
  ) {
    self.kernels = kernels
    layout = tiles.layout
    keyDimension = problem.keyDimension
    valueDimension = problem.valueDimension
    self.keyCount = keyCount
    keys = memory
    values = memory + problem.keyDimension * Self.keyCapacity(tiles)
  }

  /// The size of the memory for the largest block, in scalars.
  static func scalarCount(_ problem: AttentionProblem, _ tiles: AttentionTiles) -> Int {
    problem.keyDimension * keyCapacity(tiles)
      + PanelProduct.scalarCount(k: tiles.keyBlock, n: problem.valueDimension)
  }

  private static func keyCapacity(_ tiles: AttentionTiles) -> Int {
    tiles.keyBlock + Tuning.Attention.scoreGap
  }

  /// Scalars between the starts of two rows of output.
  static func outputStride(_ layout: AttentionTiles.Layout, valueDimension: Int) -> Int {
    layout == .panels ? valueDimension : padded(valueDimension)
  }

  private static func padded(_ count: Int) -> Int {
    (count + columnMultiple - 1) / columnMultiple * columnMultiple
  }

  /// Columns of a panel of keys. Without the gap, rows that are a power of two apart would map to the
  /// same cache sets.
  private var keyWidth: Int {
    layout == .panels ? PanelProduct.width : Self.padded(keyCount) + Tuning.Attention.scoreGap
  }

  /// Columns of a panel of values.
  private var valueWidth: Int {
    layout == .panels ? PanelProduct.width : Self.padded(valueDimension)
  }

  /// Packs the keys and values of the block, given as rows that are `keyStride` and `valueStride`
  /// scalars apart.
  func pack(
    keys key: UnsafePointer<Float>, keyStride: Int, values value: UnsafePointer<Float>,
    valueStride: Int
  ) {
    kernels.packColumns(
      key, stride: keyStride, n: keyCount, k: keyDimension, width: keyWidth, into: keys)
    kernels.packRows(
      value, stride: valueStride, n: valueDimension, k: keyCount, width: valueWidth, into: values)
  }

  /// S ← scale · QKᵀ for the tile's keys.
  ///
  /// - Parameters:
  ///   - skipped: the number of keys of the block before the tile's first key, a multiple of 32.
  ///   - queries: Q, `[query, D]`.
  func score(
    _ tile: ScoreTile, skipped: Int, queries: UnsafePointer<Float>, scale: Float
  ) throws {
    switch layout {
    case .panels:
      var product = PanelProduct(
        m: tile.queries.count, n: tile.keys.count, k: keyDimension, a: queries,
        aStride: keyDimension, panels: keys + skipped * keyDimension,
        panelStride: PanelProduct.width * keyDimension, c: tile.base, cStride: tile.rowStride)
      product.alpha = scale
      kernels.multiply(product)
    case .matrices:
      try kernels.multiply(
        MatrixProduct(
          uncheckedM: tile.queries.count, n: Self.padded(tile.keys.count), k: keyDimension,
          alpha: scale, a: .init(queries, leadingDimension: keyDimension),
          b: .init(keys + skipped, leadingDimension: keyWidth), beta: 0, c: tile.base,
          cLeadingDimension: tile.rowStride))
    }
  }

  /// O ← P V, or O ← O + P V, for the tile's keys.
  ///
  /// - Parameter skipped: as for `score`.
  func addValues(
    _ tile: ScoreTile, skipped: Int, to output: UnsafeMutablePointer<Float>, accumulates: Bool
  ) throws {
    switch layout {
    case .panels:
      var product = PanelProduct(
        m: tile.queries.count, n: valueDimension, k: tile.keys.count, a: tile.base,
        aStride: tile.rowStride, panels: values + skipped * PanelProduct.width,
        panelStride: keyCount * PanelProduct.width, c: output, cStride: valueDimension)
      product.accumulates = accumulates
      kernels.multiply(product)
    case .matrices:
      try kernels.multiply(
        MatrixProduct(
          uncheckedM: tile.queries.count, n: valueWidth, k: tile.keys.count, alpha: 1,
          a: .init(tile.base, leadingDimension: tile.rowStride),
          b: .init(values + skipped * valueWidth, leadingDimension: valueWidth),
          beta: accumulates ? 1 : 0, c: output, cLeadingDimension: valueWidth))
    }
  }
}
