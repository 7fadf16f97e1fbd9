import Attention
import TestSupport
import Testing

/// The code of the article "Self-attention step by step", and its numbers. `attend example` prints the same.
struct FormulaCode {
  @Test func `the steps and the layer give the numbers of the article`() throws {
    let x = try Tensor(rows: [
      [1, 0], [0, 1], [0.6, 0.8], [0.8, 0.2], [1, 0], [0.1, 0.9], [0.3, 0.3],
    ])
    let wq = try Tensor(rows: [[0.1, 0.3], [0.2, 0.1]])
    let wk = try Tensor(rows: [[0.3, 0.4], [0.7, 0.2]])
    let wv = try Tensor(rows: [[0.5, 0.6], [0.1, 0.9]])

    let queries = try matrixProduct(x.matrix(), wq.matrix())  // "cat": [0.2, 0.1]
    let keys = try matrixProduct(x.matrix(), wk.matrix())  // "The": [0.3, 0.4]
    let values = try matrixProduct(x.matrix(), wv.matrix())  // "The": [0.5, 0.6]
    #expect(row(queries, 1, shows: [0.2, 0.1]))
    #expect(row(keys, 0, shows: [0.3, 0.4]))
    #expect(row(values, 0, shows: [0.5, 0.6]))

    let products = try matrixProduct(queries.matrix(), keys.matrix().transposed)
    // "cat" and "The": 0.2 · 0.3 + 0.1 · 0.4 = 0.1
    // "cat" and all words: [0.1, 0.16, 0.188, 0.112, 0.1, 0.154, 0.078]
    #expect(row(products, 1, shows: [0.1, 0.16, 0.188, 0.112, 0.1, 0.154, 0.078]))

    let scores = try attentionScores(
      queries: queries.matrix(), keys: keys.matrix())
    // "cat": [0.0707, 0.1131, 0.1329, 0.0792, 0.0707, 0.1089, 0.0552]
    #expect(row(scores, 1, shows: [0.0707, 0.1131, 0.1329, 0.0792, 0.0707, 0.1089, 0.0552]))

    let weights = try softmax(scores)
    // "cat": [0.1401, 0.1461, 0.1491, 0.1413, 0.1401, 0.1455, 0.1379]
    #expect(row(weights, 1, shows: [0.1401, 0.1461, 0.1491, 0.1413, 0.1401, 0.1455, 0.1379]))
    #expect(abs(weights[1, 0] - 0.14006) < 5e-6)

    let output = try weightedSum(of: values.matrix(), weights: weights)
    // "cat": [0.3158, 0.7425]
    #expect(row(output, 1, shows: [0.3158, 0.7425]))

    let atOnce = try attention(
      queries: queries.reshaped(to: [7, 1, 2]),
      keys: keys.reshaped(to: [7, 1, 2]),
      values: values.reshaped(to: [7, 1, 2]))  // [7, 1, 2]
    #expect(atOnce.shape == [7, 1, 2])
    #expect(largestDistance(atOnce.scalars, output.scalars.map(Double.init)) < 1e-6)

    let twoHeads = try attention(
      queries: queries.reshaped(to: [7, 2, 1]),
      keys: keys.reshaped(to: [7, 2, 1]),
      values: values.reshaped(to: [7, 2, 1]))  // [token 7, head 2, dv 1]
    // "cat": head 0 gives 0.3139, head 1 gives 0.7373
    #expect(twoHeads.shape == [7, 2, 1] && row(twoHeads, 1, shows: [0.3139, 0.7373]))

    let wo = try Tensor(rows: [[1, 0.2], [0.3, 1]])
    let layer = try MultiHeadAttention(
      query: Linear(weight: Tensor(wq.matrix().transposed)),
      key: Linear(weight: Tensor(wk.matrix().transposed)),
      value: Linear(weight: Tensor(wv.matrix().transposed)),
      output: Linear(weight: Tensor(wo.matrix().transposed)),
      headCount: 2)
    let y = try layer(x)
    // "cat": [0.5350, 0.8001]
    #expect(y.shape == [7, 2] && row(y, 1, shows: [0.5350, 0.8001]))

    let (q, k, v) = try layer.projections(of: x)  // each [token 7, head 2, 1]
    let attentionOutput = try attention(queries: q, keys: k, values: v)
    let joined = try layer.output(attentionOutput.reshaped(to: [7, 2]))  // equal to y
    #expect(q.shape == [7, 2, 1] && k.shape == [7, 2, 1] && v.shape == [7, 2, 1])
    #expect(joined == y)

    let causal = try layer(x, options: AttentionOptions(mask: .causal))
    // "The": [0.6800, 0.7000]
    #expect(row(causal, 0, shows: [0.68, 0.7]))
  }
}

/// Whether a row has the numbers that the article shows, to their last digit.
private func row(_ tensor: Tensor, _ index: Int, shows numbers: [Double]) -> Bool {
  tensor.row(index).count == numbers.count && largestDistance(tensor.row(index), numbers) <= 5e-5
}
