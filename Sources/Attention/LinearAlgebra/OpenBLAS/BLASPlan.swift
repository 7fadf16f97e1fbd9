/// How `.openBLAS` computes float32 products with `cblas_sgemm`: sizes and the core in use in, blocks
/// out. The plan computes nothing itself.
///
/// OpenBLAS has two kinds of kernels. Its large kernels pack both operands at every call. On some
/// cores, it also has small-matrix kernels, which read the operands in place. With operands that are
/// packed already, calls of these kernels are faster than one large call. They serve row-major
/// products with B not transposed and up to `smallProduct` multiplications, and with B transposed for
/// small results only.
///
/// | product | core with small-matrix kernels | other cores |
/// | --- | --- | --- |
/// | layers: A × panels of weights | sgemm, `panelBlocks` | SIMD kernels |
/// | attention: QKᵀ, PV | sgemm, `attentionTiles` | SIMD kernels |
/// | attention of a few queries | sgemm, `keysAtOnce`, `valuesAtOnce` | SIMD kernels |
/// | general products, gradients | one sgemm call | one sgemm call |
/// | one row, weights in narrow formats | SIMD kernels | SIMD kernels |
///
/// Measured with OpenBLAS 0.3.21 on one thread of an AMD Zen 4, in GFLOP/s. Small-matrix kernels (core
/// Cooperlake, limit 116):
///
/// | product | small calls | large calls | SIMD kernels |
/// | --- | --- | --- | --- |
/// | 2,048 rows, weights 384 × 1536 | 109 | 102 | 108 |
/// | 2,048 rows, weights 3072 × 768 | 111 | 104 | 108 |
/// | QKᵀ: 16 × 512 × 64; large: 128 × 512 × 64 | 115 | 93 | 108 |
/// | PV: 16 × 64 × 512; large: 128 × 64 × 512 | 117 | 98 | 108 |
/// | 16 rows, weights from memory | 91 | 62 | 107 |
///
/// Without them (core Haswell, AVX2):
///
/// | product | sgemm | SIMD kernels |
/// | --- | --- | --- |
/// | layers, 128 rows | 91–94 | 94–104 |
/// | attention, 12 × 512 × 64, tiles of 128 × 512 | 1.00 of the SIMD kernels | |
/// | the same, causal | 0.85 of the SIMD kernels | |
package struct BLASPlan: Equatable, Sendable {
  /// The largest number of multiplications m · n · k of the small-matrix kernels.
  package static let smallProduct = 1_000_000

  /// The cores whose small-matrix kernels are faster than the SIMD kernels: measured for SkylakeX and
  /// Cooperlake. SapphireRapids has the kernels of Cooperlake.
  package static let coresWithSmallKernels: Set<String> = [
    "SkylakeX", "Cooperlake", "SapphireRapids",
  ]

  /// With B transposed, small-matrix kernels serve results of up to this many scalars, and a k of at
  /// least `transposedDepth`.
  private static let transposedResult = 1_200
  private static let transposedDepth = 32

  /// The processor family whose kernels OpenBLAS uses, such as "Cooperlake".
  package let core: String
  package let hasSmallKernels: Bool

  /// - Parameters:
  ///   - core: the name of the core as OpenBLAS gives it.
  ///   - isBuiltWithSmallKernels: whether the library contains small-matrix kernels at all.
  package init(core: String, isBuiltWithSmallKernels: Bool = true) {
    self.core = core
    hasSmallKernels = isBuiltWithSmallKernels && Self.coresWithSmallKernels.contains(core)
  }

  // MARK: Layers

  /// The blocks of a product with panels of 32 columns. One call multiplies a block of rows by a K-block
  /// of one panel.
  package struct PanelBlocks: Equatable, Sendable {
    package let rows: Int
    package let depth: Int

    package init(rows: Int, depth: Int) {
      self.rows = rows
      self.depth = depth
    }
  }

  /// The blocks of a product `[m, k]` × `[k, n]`, where the second matrix is in panels; nil for the SIMD
  /// kernels, which read the weights of a single row faster.
  package func panelBlocks(m: Int, k: Int, isReproducible: Bool = false) -> PanelBlocks? {
    guard hasSmallKernels, m > 1 || m == 1 && isReproducible, k > 0 else { return nil }
    let (rowLimit, multiple) = (Tuning.BLAS.panelRows, Tuning.BLAS.rowMultiple)
    let depth = Self.evenLength(k, atMost: Tuning.BLAS.kBlock)
    let rows = Self.evenLength(m, atMost: rowLimit)
    return PanelBlocks(rows: (rows + multiple - 1) / multiple * multiple, depth: depth)
  }

  /// The length of the largest of the fewest even parts.
  private static func evenLength(_ count: Int, atMost length: Int) -> Int {
    let parts = (count + length - 1) / length
    return (count + parts - 1) / parts
  }

  // MARK: Attention

  /// The tiles of attention; nil for the SIMD kernels.
  package func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles? {
    guard hasSmallKernels else { return nil }
    let width = PanelProduct.width
    let dimension = max(keyDimension, valueDimension)
    // Packed keys and values take a quarter of the second-level cache, the scores of a strip the
    // first-level cache.
    let scalar = MemoryLayout<Float>.stride
    let byCache = CacheSizes.secondLevel / 4 / (scalar * (keyDimension + valueDimension))
    let keyBlock = max(2 * width, min(byCache, Tuning.BLAS.keyBlock) / width * width)
    let strip = min(
      CacheSizes.firstLevel / (scalar * keyBlock), Tuning.BLAS.strip,
      Self.smallProduct / (keyBlock * dimension))
    // Beyond this dimension, not even two queries fit into a small product.
    guard strip > 1 else { return nil }
    return AttentionTiles(strip: strip, keyBlock: keyBlock, layout: .matrices)
  }

  /// The number of keys that a call scores in place for `rows` queries of a head.
  package func keysAtOnce(rows: Int, dimension: Int) -> Int {
    max(1, min(Self.transposedResult / rows, Self.smallProduct / (rows * dimension)))
  }

  /// The number of values that a call adds in place for `rows` queries of a head.
  package func valuesAtOnce(rows: Int, dimension: Int) -> Int {
    max(1, Self.smallProduct / (rows * dimension))
  }

  // MARK: Any product

  /// Whether OpenBLAS computes this product with its small-matrix kernels, which use no buffer and no
  /// lock.
  package func isSmall(_ product: MatrixProduct) -> Bool {
    guard hasSmallKernels else { return false }
    let (m, n, k) = (Double(product.m), Double(product.n), Double(product.k))
    guard m * n * k <= Double(Self.smallProduct) else { return false }
    guard product.b.isTransposed else { return true }
    return !product.a.isTransposed && product.m * product.n <= Self.transposedResult
      && product.k >= Self.transposedDepth
  }

  /// One line for people: which products are calls of sgemm.
  package var description: String {
    hasSmallKernels
      ? """
      layers in calls of up to \(Tuning.BLAS.panelRows) × \(PanelProduct.width) × \
      \(Tuning.BLAS.kBlock), attention in tiles of up to \(Tuning.BLAS.strip) × \
      \(Tuning.BLAS.keyBlock), general products in one call
      """
      : "general products in one call; layers and attention on SIMD kernels"
  }
}
