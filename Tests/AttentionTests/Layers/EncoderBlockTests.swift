import Attention
import TestSupport
import Testing

@Suite struct EncoderBlockTests {
  private func block(_ normalization: EncoderBlock.Normalization) throws -> EncoderBlock {
    var generator = SeededGenerator(seed: 14)
    return try EncoderBlock(
      attention: MultiHeadAttention(
        query: generator.linear(from: 24, to: 24), key: generator.linear(from: 24, to: 12),
        value: generator.linear(from: 24, to: 12), output: generator.linear(from: 24, to: 24),
        headCount: 4, keyValueHeadCount: 2),
      attentionNorm: generator.layerNorm(width: 24),
      feedForward: FeedForward(
        expand: generator.linear(from: 24, to: 50), activation: .gelu,
        contract: generator.linear(from: 50, to: 24)),
      feedForwardNorm: generator.layerNorm(width: 24), normalization: normalization)
  }

  @Test(arguments: [EncoderBlock.Normalization.post, .pre], Backend.all)
  func `both places of the norms are as exact as naive single precision`(
    normalization: EncoderBlock.Normalization, backend: Backend
  ) throws {
    let block = try block(normalization)
    var generator = SeededGenerator(seed: 15)
    let x = try generator.normalTensor([19, 24])
    let before = x.scalars
    for threads in [1, 2] {
      let y = try withCompute(backend: backend, threads: threads) { try block(x) }
      #expect(y.shape == x.shape)
      #expect(
        isAsExactAsNaive(
          y, exact: NaiveLayers.block(block, NaiveLayers.rows(x)),
          naive: NaiveLayers.block(block, NaiveLayers.rows(x))))
    }
    #expect(x.scalars == before)
  }

  @Test(arguments: [EncoderBlock.Normalization.post, .pre])
  func `a packed batch gives what its sequences give`(
    normalization: EncoderBlock.Normalization
  ) throws {
    let block = try block(normalization)
    var generator = SeededGenerator(seed: 16)
    let x = try generator.normalTensor([12, 24])
    let result = try block(
      x, options: AttentionOptions(lengths: [5, 0, 7]), returning: .weights)
    let parts = try block(x.rows(0..<5)).scalars + block(x.rows(5..<12)).scalars
    #expect(largestDistance(result.output.scalars, parts.map(Double.init)) < 1e-5)
    #expect(result.weights?.shape == [4, 12, 12])
  }

  @Test func `pre-norm and post-norm differ`() throws {
    var generator = SeededGenerator(seed: 17)
    let x = try generator.normalTensor([4, 24])
    let post = try block(.post)(x)
    let pre = try block(.pre)(x)
    #expect(largestDistance(post.scalars, pre.scalars.map(Double.init)) > 0.1)
  }
}
