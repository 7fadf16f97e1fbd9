/// The attention over all keys from the attentions over parts of them, computed apart.
///
/// With Lₚ the log-sum-exp of part p and Oₚ its output,
///
///     L = log Σₚ exp(Lₚ)      O = Σₚ exp(Lₚ − L) · Oₚ
///
/// which is what the operator gives for the parts' keys together. Decoding with the keys split over
/// threads, and attention spread over machines, rest on it.
///
/// - Parameter parts: results for the same queries, each with its log-sum-exp. A sink belongs to one
///   part only.
/// - Returns: the output `[query token, head, dv]` and the log-sum-exp `[head, query token]`, without
///   weights; a query that keeps nothing in any part gets zeros and −∞.
/// - Throws: `AttentionError.argument` naming "parts" when there are none, or when one lacks its
///   log-sum-exp; `AttentionError.shape` when their shapes differ.
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
  let logSumExps = try parts.map { part in
    guard part.output.shape == shape else {
      throw AttentionError.shape(
        argument: "parts", expected: "outputs of shape \(shape)", got: part.output.shape)
    }
    guard let logSumExp = part.logSumExp else {
      throw AttentionError.argument("parts", reason: "a part lacks its log-sum-exp")
    }
    guard logSumExp.shape == [H, Q] else {
      throw AttentionError.shape(
        argument: "parts", expected: "log-sum-exps of shape [\(H), \(Q)]", got: logSumExp.shape)
    }
    return logSumExp.scalars
  }
  let outputs = parts.map(\.output.scalars)

  var merged = [Float](repeating: -.infinity, count: H * Q)
  let output = try Tensor(shape: shape) { output in
    output.initialize(repeating: 0)
    for head in 0..<H {
      for query in 0..<Q {
        let row = head * Q + query
        let largest = logSumExps.reduce(-Float.infinity) { $1[row] > $0 ? $1[row] : $0 }
        // 1. exp(Lₚ − max L) of each part; a part that kept nothing has none, whatever its output.
        let shares = logSumExps.map { part in
          part[row] == -.infinity
            ? 0 : VectorMath.exp(VectorMath.Lanes(repeating: part[row] - largest))[0]
        }
        let total = shares.reduce(0, +)
        guard total != 0 else { continue }
        merged[row] = Float(Double(largest) + VectorMath.log(Double(total)))
        // 2. The mean of the outputs with those shares.
        for (share, part) in zip(shares, outputs) where share != 0 {
          let start = (query * H + head) * E
          for column in start..<start + E { output[column] += share / total * part[column] }
        }
      }
    }
  }
  return AttentionResult(
    output: output, logSumExp: try Tensor(shape: [H, Q], scalars: merged))
}
