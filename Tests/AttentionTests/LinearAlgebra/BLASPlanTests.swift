import Attention
import Testing

/// The plan, without computing anything.
@Suite struct BLASPlanTests {
  private static let small = BLASPlan(core: "Cooperlake")
  private static let large = BLASPlan(core: "Haswell")

  @Test(arguments: ["SkylakeX", "Cooperlake", "SapphireRapids"])
  func `cores with small-matrix kernels compute layers and attention`(core: String) {
    let plan = BLASPlan(core: core)
    #expect(plan.hasSmallKernels && plan.core == core)
    #expect(plan.panelBlocks(m: 2, k: 1) != nil)
    #expect(plan.attentionTiles(keyDimension: 64, valueDimension: 64)?.layout == .matrices)
    #expect(plan.description.hasPrefix("layers in calls of up to 36 × 32 × 768"))
  }

  @Test(arguments: ["Haswell", "Zen", "Prescott", "ARMV8", "Unknown", ""])
  func `other cores leave layers and attention to SIMD kernels`(core: String) {
    let plan = BLASPlan(core: core)
    #expect(!plan.hasSmallKernels)
    #expect(plan.panelBlocks(m: 128, k: 384) == nil)
    #expect(plan.attentionTiles(keyDimension: 64, valueDimension: 64) == nil)
    #expect(
      plan.description == "general products in one call; layers and attention on SIMD kernels")
  }

  @Test func `a library without small-matrix kernels leaves layers to SIMD kernels on every core`()
  {
    let plan = BLASPlan(core: "Cooperlake", isBuiltWithSmallKernels: false)
    #expect(!plan.hasSmallKernels && plan.panelBlocks(m: 128, k: 384) == nil)
    // Set up the real library first: this must not happen while another instance uses it.
    _ = OpenBLAS.shared
    let library = OpenBLAS(
      driver: .init(
        threadMode: .pthreads, coreName: { "Cooperlake" }, setThreadCount: { _ in },
        selectCore: { _ in false }, hasSmallKernels: { $0 != "Cooperlake" },
        multiply: { try? PortableKernels().multiply($0) }),
      processor: nil, warn: { _ in })
    #expect(library.isTrusted && !library.plan.hasSmallKernels)
  }

  @Test func `blocks of layers are small products, and cover rows and depth evenly`() throws {
    for m in Array(2...150) + [1_000, 4_096] {
      for k in [1, 31, 384, 768, 769, 1_152, 1_536, 3_072, 4_097, 100_000] {
        let blocks = try #require(Self.small.panelBlocks(m: m, k: k))
        #expect(blocks.rows * 32 * blocks.depth <= BLASPlan.smallProduct)
        #expect(blocks.rows.isMultiple(of: 6) && blocks.rows <= 36 && blocks.depth <= 768)
        // No call has a single row, whose bits could differ.
        #expect(m % blocks.rows != 1, "\(m) rows in blocks of \(blocks.rows)")
        let calls = (m + blocks.rows - 1) / blocks.rows * ((k + blocks.depth - 1) / blocks.depth)
        #expect(calls == (m + 35) / 36 * ((k + 767) / 768), "[\(m), \(k)]: too many calls")
      }
    }
    #expect(Self.small.panelBlocks(m: 128, k: 1_536) == .init(rows: 36, depth: 768))
    #expect(Self.small.panelBlocks(m: 40, k: 1_152) == .init(rows: 24, depth: 576))
  }

  @Test func `one row, and products without terms, are left to SIMD kernels`() {
    #expect(Self.small.panelBlocks(m: 1, k: 384) == nil)
    #expect(Self.small.panelBlocks(m: 0, k: 384) == nil)
    #expect(Self.small.panelBlocks(m: 5, k: 0) == nil)
  }

  @Test func `tiles of attention are small products`() throws {
    for dk in [1, 8, 64, 80, 128, 256, 512, 1_024, 4_096] {
      for dv in [1, 64, 128, 1_024] {
        let tiles = try #require(
          Self.small.attentionTiles(keyDimension: dk, valueDimension: dv))
        #expect(tiles.strip * tiles.keyBlock * max(dk, dv) <= BLASPlan.smallProduct)
        #expect(tiles.strip > 1 && tiles.keyBlock.isMultiple(of: 32) && tiles.keyBlock <= 512)
      }
    }
    #expect(Self.small.attentionTiles(keyDimension: 10_000, valueDimension: 64) == nil)
  }

  @Test func `few queries read keys and values in place, in small products`() {
    for rows in 2...64 {
      for dimension in [32, 64, 128, 1_000] {
        let keys = Self.small.keysAtOnce(rows: rows, dimension: dimension)
        #expect(keys >= 1 && rows * keys <= 1_200)
        #expect(rows * keys * dimension <= BLASPlan.smallProduct || keys == 1)
        let values = Self.small.valuesAtOnce(rows: rows, dimension: dimension)
        #expect(values >= 1 && rows * values * dimension <= BLASPlan.smallProduct)
      }
    }
  }

  @Test func `small products are those that OpenBLAS computes without a buffer`() throws {
    var (x, c): ([Float], [Float]) = ([0], [0])
    try x.withUnsafeMutableBufferPointer { x in
      try c.withUnsafeMutableBufferPointer { c in
        let (x, c) = (UnsafePointer(try #require(x.baseAddress)), try #require(c.baseAddress))
        func product(
          _ m: Int, _ n: Int, _ k: Int, transposesA: Bool = false, transposesB: Bool = false
        ) throws -> MatrixProduct {
          try MatrixProduct(
            m: m, n: n, k: k,
            a: .init(x, leadingDimension: max(m, k), isTransposed: transposesA),
            b: .init(x, leadingDimension: max(n, k), isTransposed: transposesB), c: c,
            cLeadingDimension: n)
        }
        #expect(try Self.small.isSmall(product(100, 100, 100)))
        #expect(try !Self.small.isSmall(product(100, 100, 101)))
        #expect(try !Self.small.isSmall(product(.init(Int32.max), .init(Int32.max), 100)))
        #expect(try Self.small.isSmall(product(100, 100, 100, transposesA: true)))
        #expect(try Self.small.isSmall(product(30, 40, 32, transposesB: true)))
        #expect(try !Self.small.isSmall(product(30, 41, 32, transposesB: true)))
        #expect(try !Self.small.isSmall(product(30, 40, 31, transposesB: true)))
        #expect(try !Self.small.isSmall(product(2, 2, 40, transposesA: true, transposesB: true)))
        #expect(try !Self.large.isSmall(product(2, 2, 2)))
      }
    }
  }
}
