import Attention
import TestSupport
import Testing

/// The code of the article "Gradients, partial results and streamed weights", and its numbers.
struct GradientCode {
  @Test func `gradients and merged results equal the values computed by hand`() throws {
    let query = try Tensor(shape: [1, 1, 1], scalars: [0])
    let keys = try Tensor(shape: [2, 1, 1], scalars: [1, -1])
    let values = try Tensor(shape: [2, 1, 1], scalars: [1, 3])
    let whole = try attention(
      queries: query, keys: keys, values: values, options: AttentionOptions(),
      returning: .logSumExp)
    // output: 1/2 · 1 + 1/2 · 3 = 2, log-sum-exp: ln(e⁰ + e⁰) = ln 2
    #expect(whole.output.scalars == [2])
    let logOf2 = 0.693147180559945
    #expect(largestDistance(whole.logSumExp?.scalars ?? [], [logOf2]) < 1e-6)

    let gradients = try attentionGradients(
      of: Tensor(shape: [1, 1, 1], scalars: [1]),
      queries: query, keys: keys, values: values, result: whole)
    // values: [0.5, 0.5], queries: [-1], keys: [0, 0]
    #expect(gradients.values.scalars == [0.5, 0.5])
    #expect(gradients.queries.scalars == [-1])
    #expect(gradients.keys.scalars == [0, 0])

    let parts = try [0..<1, 1..<2].map { range in
      try attention(
        queries: query, keys: keys.rows(range), values: values.rows(range),
        options: AttentionOptions(), returning: .logSumExp)
    }
    let merged = try mergedAttention(parts)
    // parts: outputs 1 and 3, log-sum-exps 0 and 0
    // merged: output 2, log-sum-exp ln 2
    #expect(parts.map(\.output.scalars) == [[1], [3]])
    #expect(parts.map { $0.logSumExp?.scalars } == [[0], [0]])
    #expect(merged.output.scalars == [2])
    #expect(largestDistance(merged.logSumExp?.scalars ?? [], [logOf2]) < 1e-6)
  }

  @Test func `streamed weights add up`() throws {
    var received = [Float](repeating: 0, count: 3)
    try forEachAttentionWeightBlock(
      queries: Tensor(shape: [6, 2, 4], repeating: 0),
      keys: Tensor(shape: [3, 2, 4], repeating: 0)
    ) { block in
      let weights = block.weights.scalars  // [query, key] of one head
      for (index, weight) in weights.enumerated() {
        received[block.keys.lowerBound + index % block.keys.count] += weight
      }
    }
    // received: [4, 4, 4]: the weights of 2 heads · 6 queries add up to 12
    #expect(largestDistance(received, [4, 4, 4]) < 1e-5)
  }
}
