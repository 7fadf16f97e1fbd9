import Attention
import TestSupport
import Testing

/// The code of the article "Self-attention step by step", and its numbers.
struct FormulaCode {
  @Test func `the steps give the numbers of the article, and the operator gives the same`() throws {
    let queries = try Tensor(rows: [[2, 0, 0, 0], [0, 2, 0, 0]])
    let keys = try Tensor(rows: [[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]])
    let values = try Tensor(rows: [[10, 0], [0, 10], [10, 10]])

    let products = try matrixProduct(queries.matrix(), keys.matrix().transposed)
    // [[2, 0, 2],
    //  [0, 2, 2]]
    #expect(products.scalars == [2, 0, 2, 0, 2, 2])

    let scores = try attentionScores(
      queries: queries.matrix(), keys: keys.matrix())
    // [[1, 0, 1],
    //  [0, 1, 1]]
    #expect(scores.scalars == [1, 0, 1, 0, 1, 1])

    let weights = try softmax(scores)
    // [[0.4223, 0.1554, 0.4223],
    //  [0.1554, 0.4223, 0.4223]]
    #expect(
      shows(weights, [0.4223, 0.1554, 0.4223, 0.1554, 0.4223, 0.4223], shape: [2, 3]))

    let output = try weightedSum(of: values.matrix(), weights: weights)
    // [[8.4464, 5.7768],
    //  [5.7768, 8.4464]]
    let expected = [8.4464, 5.7768, 5.7768, 8.4464]
    #expect(shows(output, expected, shape: [2, 2]))

    let atOnce = try attention(
      queries: queries.reshaped(to: [2, 1, 4]),
      keys: keys.reshaped(to: [3, 1, 4]),
      values: values.reshaped(to: [3, 1, 2]))  // [2, 1, 2]
    #expect(shows(atOnce, expected, shape: [2, 1, 2]))

    let twoHeads = try attention(
      queries: queries.reshaped(to: [2, 2, 2]),
      keys: keys.reshaped(to: [3, 2, 2]),
      values: values.reshaped(to: [3, 2, 1]))  // [token 2, head 2, dv 1]
    // query 0: head 0 gives 8.9162, head 1 gives 6.6667
    #expect(shows(try twoHeads.rows(0..<1), [8.9162, 6.6667], shape: [1, 2, 1]))
  }

  @Test func `the layer gives the numbers of the article, and its steps give the same`() throws {
    let identity = try Linear(
      weight: Tensor(
        rows: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    let layer = try MultiHeadAttention(
      query: identity, key: identity, value: identity, output: identity,
      headCount: 2)
    let x = try Tensor(rows: [[1, 0, 0, 0], [0, 0, 0, 0]])
    let y = try layer(x)
    // [[0.6698, 0, 0, 0],
    //  [0.5000, 0, 0, 0]]
    #expect(shows(y, [0.6698, 0, 0, 0, 0.5, 0, 0, 0], shape: [2, 4]))

    let (q, k, v) = try layer.projections(of: x)  // each [token 2, head 2, 2]
    let attentionOutput = try attention(queries: q, keys: k, values: v)
    let joined = try layer.output(attentionOutput.reshaped(to: [2, 4]))  // equal to y
    #expect(q.shape == [2, 2, 2] && k.shape == [2, 2, 2] && v.shape == [2, 2, 2])
    #expect(joined == y)

    let causal = try layer(x, options: AttentionOptions(mask: .causal))
    // [[1.0000, 0, 0, 0],
    //  [0.5000, 0, 0, 0]]
    #expect(shows(causal, [1, 0, 0, 0, 0.5, 0, 0, 0], shape: [2, 4]))
  }
}

/// Whether every number is the one that the article shows, to its last digit.
func shows(_ tensor: Tensor, _ numbers: [Double], shape: Shape) -> Bool {
  tensor.shape == shape && largestDistance(tensor.scalars, numbers) <= 5e-5
}
