import Attention
import TestSupport
import Testing

/// A layer with rotary embeddings and extra keys, decoding with a cache.
@Suite struct RotaryCacheTests {
  @Test(arguments: fastBackends)
  func `decoding with a cache turns keys to their positions and sees the extra ones`(
    backend: Backend
  ) throws {
    var generator = SeededGenerator(seed: 5)
    func linear() throws -> Linear { try Linear(weight: generator.normalTensor([12, 12])) }
    let layer = try MultiHeadAttention(
      query: linear(), key: linear(), value: linear(), output: linear(), headCount: 2,
      rotary: RotaryEmbedding(headDimension: 6),
      extraKeys: .init(
        learned: (
          key: generator.normalTensor([2, 6]), value: generator.normalTensor([2, 6])
        ), includesZero: true))
    let input = try generator.normalTensor([9, 12])
    let options = AttentionOptions(mask: .causal)
    try withCompute(backend: backend) {
      let whole = try layer(input, options: options)
      var cache = try layer.makeCache()
      for token in 0..<9 {
        let step = try layer(input.rows(token..<token + 1), cache: &cache, options: options)
        let expected = try whole.rows(token..<token + 1).scalars.map { Double($0) }
        #expect(largestDistance(step.output.scalars, expected) < 2e-5)
      }
      // Cross-attention to a memory that was projected once.
      let memory = try layer.makeMemoryCache(input)
      let queries = try generator.normalTensor([3, 12])
      let cached = try layer(queries, memory: memory).output
      let direct = try layer(queries, memory: input).scalars.map { Double($0) }
      #expect(largestDistance(cached.scalars, direct) < 2e-5)
    }
  }
}
