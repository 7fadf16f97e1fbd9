import Attention
import TestSupport
import Testing

/// Which products are calls of sgemm. On a core with small-matrix kernels: all with more than one row.
/// On other cores: the general ones.
@Suite struct BLASCallTests {
  private static let cores = ["Cooperlake", "SkylakeX", "SapphireRapids"]

  /// Runs `body` on the counted backend of a core.
  private func count(_ core: String, threads: Int = 2, _ body: () throws -> Void) throws
    -> CountedBLAS
  {
    let counted = CountedBLAS(core: core)
    try withCompute(backend: counted.backend, threads: threads, body)
    return counted
  }

  /// Expects that sgemm computes all requested products on cores with small-matrix kernels, and only
  /// the general ones on others.
  ///
  /// - Parameter least: a lower bound for the requested multiplications.
  private func expectCalls(
    least: Int = 1, _ name: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) throws {
    for core in Self.cores {
      let counted = try count(core, body)
      let requested = counted.generalRequests + counted.packedRequests
      #expect(
        requested >= least && counted.computedMultiplications == requested, "\(name), \(core)",
        sourceLocation: sourceLocation)
      #expect(counted.callCount > 0, "\(name), \(core)", sourceLocation: sourceLocation)
    }
    let counted = try count("Haswell", body)
    #expect(
      counted.generalRequests + counted.packedRequests >= least
        && counted.computedMultiplications == counted.generalRequests, "\(name), Haswell",
      sourceLocation: sourceLocation)
  }

  @Test func `layers are products of sgemm`() throws {
    var generator = SeededGenerator(seed: 3)
    for tokens in [2, 3, 40, 150, 300] {
      let x = try generator.normalTensor([tokens, 70])
      let layer = try Linear(
        weight: generator.normalTensor([50, 70]), bias: generator.normalTensor([50]))
      try expectCalls(least: tokens * 50 * 70, "\(tokens) tokens") { _ = try layer(x) }
    }
  }

  @Test(arguments: [2, 9, 70, 300, 1_100], [(4, 4), (4, 1), (12, 1)])
  func `QKᵀ and PV are products of sgemm`(tokens: Int, heads: (Int, Int)) throws {
    let x = try OperatorCase(
      queryCount: tokens, keyCount: tokens, headCount: heads.0, keyValueHeadCount: heads.1,
      keyDimension: 24, valueDimension: 20
    ).arguments()
    let least = tokens * tokens * heads.0 * 44
    try expectCalls(least: least, "\(tokens) tokens") {
      _ = try attention(queries: x.queries, keys: x.keys, values: x.values)
    }
    let causal = AttentionOptions(mask: .causal)
    try expectCalls(least: least / 2, "\(tokens) tokens, causal") {
      _ = try attention(queries: x.queries, keys: x.keys, values: x.values, options: causal)
    }
  }

  @Test func `a decoding step with grouped queries is a product of sgemm`() throws {
    let x = try OperatorCase(
      queryCount: 1, keyCount: 3_000, headCount: 8, keyValueHeadCount: 2, keyDimension: 64,
      valueDimension: 64
    ).arguments()
    try expectCalls(least: 8 * 3_000 * 128, "one query") {
      _ = try attention(queries: x.queries, keys: x.keys, values: x.values)
    }
  }

  @Test func `a decoding step with one row per head stays on SIMD kernels`() throws {
    let x = try OperatorCase(queryCount: 1, keyCount: 300).arguments()
    let counted = try count("Cooperlake") {
      _ = try attention(queries: x.queries, keys: x.keys, values: x.values)
    }
    #expect(counted.callCount == 0 && counted.packedRequests == 0)
  }

  @Test func `gradients and weights are products of sgemm`() throws {
    let x = try GradientCase(OperatorCase(queryCount: 200, keyCount: 300))
    for core in Self.cores + ["Haswell"] {
      let counted = CountedBLAS(core: core)
      _ = try withCompute(threads: 2) { try x.gradients(on: counted.backend) }
      #expect(counted.generalRequests >= 5 * 200 * 300 * 16)
      #expect(
        counted.computedMultiplications
          == counted.generalRequests + (core == "Haswell" ? 0 : counted.packedRequests))
    }
  }

  @Test func `weights in narrow formats stay on SIMD kernels`() throws {
    var generator = SeededGenerator(seed: 4)
    let x = try generator.normalTensor([40, 64])
    let layer = try Linear(weight: generator.normalTensor([32, 64]), format: .bfloat16)
    let counted = try count("Cooperlake") { _ = try layer(x) }
    #expect(counted.callCount == 0)
  }

  @Test func `the native, portable and reference backends have no multiplier that calls BLAS`() {
    #expect(Backend.all.map(\.name) == ["openblas", "native", "portable", "reference"])
    for backend in [Backend.native, .portable, .reference] {
      #expect(
        backend.kernels.attentionTiles(keyDimension: 64, valueDimension: 64).layout == .panels)
    }
  }
}
