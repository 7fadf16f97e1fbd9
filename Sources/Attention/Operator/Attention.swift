/// Scaled dot-product attention: softmax(scale · QKᵀ, masked) V.
///
/// ```swift
/// let output = try attention(queries: q, keys: k, values: v, mask: .causal)
/// ```
///
/// For one head and without a mask, this is the same, step by step, as
///
/// ```swift
/// let scores = try attentionScores(queries: q.head(0), keys: k.head(0))  // QKᵀ/√dk
/// let weights = try softmax(scores)
/// let output = try weightedSum(of: v.head(0), weights: weights)
/// ```
///
/// but the whole score matrix is never in memory.
///
/// - Parameters:
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`; the head count divides that of `queries`, and query
///     head h reads key-value head h / (heads / key-value heads).
///   - values: `[key token, key-value head, dv]`.
///   - scale: the factor of QKᵀ; nil means 1/√dk.
///   - mask: which keys each query may attend to.
///   - backend: the compute backend; nil means the backend of the current scope, see
///     ``withCompute(backend:threads:layerInputs:reproducible:_:)``.
/// - Returns: `[query token, head, dv]`. A query without visible keys gets zeros.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` or
///   ``AttentionError/argument(_:reason:)`` naming the argument, with the expected and the given
///   value; ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(queries · keys · (dk + dv)) time per head; the work memory does not depend on the
///   number of queries or keys, except with ``Backend/reference``, which stores all weights.
/// - Source: Vaswani et al. 2017, equation 1; tiling after Dao et al. 2022.
public func attention(
  queries: Tensor, keys: Tensor, values: Tensor, scale: Float? = nil, mask: AttentionMask = .none,
  on backend: Backend? = nil
) throws -> Tensor {
  try attention(
    queries: queries, keys: keys, values: values,
    options: AttentionOptions(scale: scale, mask: mask), on: backend
  ).output
}

/// Scaled dot-product attention with all options; also returns intermediate results on request.
///
/// For each head, with S the scores, P the weights and L the log-sum-exp of a row,
///
///     S = scale · QKᵀ, then softcap, modifiers, bias; −∞ where the mask hides
///     Lᵢ = log(Σⱼ exp(Sᵢⱼ) + exp(sink))
///     P = exp(S − L), then dropout
///     O = P V
///
/// ```swift
/// let result = try attention(
///   queries: q, keys: k, values: v,
///   options: AttentionOptions(mask: .causal, lengths: [3, 5, 9]), returning: .weights)
/// ```
///
/// - Parameters:
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`; the head count divides that of `queries`, and query
///     head h reads key-value head h / (heads / key-value heads).
///   - values: `[key token, key-value head, dv]`.
///   - options: scale, score changes, mask, dropout, and the lengths of packed sequences.
///   - results: the results to return in addition to the output.
///   - backend: the compute backend; nil means the backend of the current scope, see
///     ``withCompute(backend:threads:layerInputs:reproducible:_:)``.
/// - Returns: the output `[query token, head, dv]` and the requested results. A query without visible
///   keys gets zeros.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` or
///   ``AttentionError/argument(_:reason:)`` naming the argument or option, with the expected and the
///   given value; ``AttentionError/memory(byteCount:purpose:)``; the error of a custom modifier that
///   does not fit the arguments.
/// - Complexity: O(queries · keys · (dk + dv)) time per head and sequence; the work memory does not
///   depend on the number of queries or keys, except with ``Backend/reference``, which stores all
///   weights.
/// - Source: Vaswani et al. 2017, equation 1; tiling after Dao et al. 2022.
public func attention(
  queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions,
  returning results: AttentionResults = [], on backend: Backend? = nil
) throws -> AttentionResult {
  let problem = try AttentionProblem(
    queries: queries, keys: keys, values: values, options: options)
  return try problem.result(returning: results, on: backend)
}

extension AttentionProblem {
  /// Computes attention on a backend; nil means the backend of the current scope.
  ///
  /// - Parameter output: memory for the output, used if it is large enough.
  func result(
    returning results: AttentionResults, on backend: Backend?,
    output: consuming Tensor? = nil
  ) throws -> AttentionResult {
    let compute = try Compute.adjusted(backend: backend, threads: nil)
    return try compute.backend.kernels.attention(
      self, threads: compute.threadCount, returning: results, output: output)
  }
}
