/// Merges attention over parts of the keys into attention over all of them.
///
/// With mₚ, lₚ and Oₚ the maximum, sum and output of part p, a row has
///
///     m = maxₚ mₚ      l = Σₚ exp(mₚ − m) lₚ      O = Σₚ exp(mₚ − m) lₚ / l · Oₚ
///
/// The merged result equals the operator's result for all keys together. Merge parts to divide the
/// keys over threads or machines.
///
/// - Parameter parts: results for the same queries, each with its log-sum-exp. Only one part may
///   include the sink. For a part with a log-sum-exp L but no statistics, m = L and l = 1.
/// - Returns: the output `[query token, head, dv]`, the log-sum-exp `[head, query token]` and its
///   statistics, without weights. A query without visible keys in any part gets zeros and −∞.
/// - Throws: ``AttentionError/argument(_:reason:)`` naming "parts" if there are none or one has no
///   log-sum-exp; ``AttentionError/shape(argument:expected:got:)`` if the shapes differ.
/// - Complexity: O(parts · queries · heads · dv).
/// - Source: Dao et al. 2022, section 3.1.
public func mergedAttention(_ parts: [AttentionResult]) throws -> AttentionResult {
  guard let first = parts.first else {
    throw AttentionError.argument("parts", reason: "expected at least one, got none")
  }
  let shape = first.output.shape
  guard shape.rank == 3 else {
    throw AttentionError.shape(
      argument: "parts", expected: "outputs of shape [query token, head, dv]", got: shape)
  }
  let (Q, H, E) = (shape[0], shape[1], shape[2])
  let (count, overflow) = (first.output.count + 4 * H * Q)
    .multipliedReportingOverflow(by: parts.count)
  try requireMemory(
    count: overflow ? .max : count, of: Float.self, purpose: "copies of \(parts.count) parts")
  let statistics = try parts.map { part in
    guard part.output.shape == shape else {
      throw AttentionError.shape(
        argument: "parts", expected: "outputs of shape \(shape)", got: part.output.shape)
    }
    let statistics = try part.requiredStatistics(argument: "parts", shape: [H, Q])
    return (maxima: statistics.maximum.scalars, sums: statistics.sum.scalars)
  }
  let outputs = parts.map(\.output.scalars)

  var maxima = [Float](repeating: -.infinity, count: H * Q)
  var sums = [Float](repeating: 0, count: H * Q)
  let output = try Tensor(shape: shape) { output in
    output.initialize(repeating: 0)
    for head in 0..<H {
      for query in 0..<Q {
        let row = head * Q + query
        let merged = MergedRow(statistics.map { ($0.maxima[row], $0.sums[row]) })
        guard merged.sum != 0 else { continue }
        (maxima[row], sums[row]) = (merged.maximum, merged.sum)
        // The mean of the outputs with the shares aₚ lₚ / l.
        for index in parts.indices where merged.factors[index] != 0 {
          let share = merged.factors[index] * statistics[index].sums[row] / merged.sum
          let start = (query * H + head) * E
          for column in start..<start + E { output[column] += share * outputs[index][column] }
        }
      }
    }
  }
  let merged = SoftmaxStatistics(
    maximum: try Tensor(shape: [H, Q], scalars: maxima),
    sum: try Tensor(shape: [H, Q], scalars: sums))
  return AttentionResult(
    output: output, logSumExp: try merged.logSumExp(), statistics: merged)
}
