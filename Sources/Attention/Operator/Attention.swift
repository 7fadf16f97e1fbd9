/// Mixes `values` by how well each query matches each key: softmax(scale · QKᵀ, masked) V.
///
/// ```swift
/// let output = try attention(queries: q, keys: k, values: v, mask: .causal)
/// ```
///
/// For one head and without a mask this equals, step by step,
///
/// ```swift
/// let scores = try attentionScores(queries: q.head(0), keys: k.head(0))  // QKᵀ/√dk
/// let weights = try softmax(scores)
/// let output = try weightedSum(of: v.head(0), weights: weights)
/// ```
///
/// but it never holds the whole score matrix.
///
/// - Parameters:
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`; the head count divides that of `queries`, and query
///     head h reads key-value head h / (heads / key-value heads).
///   - values: `[key token, key-value head, dv]`.
///   - scale: the factor on QKᵀ; nil means 1/√dk.
///   - mask: which keys each query may attend to.
///   - backend: who computes; nil means the scope's, see ``withCompute(backend:threads:layerInputs:_:)``.
/// - Returns: `[query token, head, dv]`. A query that may attend to nothing gets zeros.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` or
///   ``AttentionError/argument(_:reason:)`` naming the argument, with what was expected and what was
///   given; ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(queries · keys · (dk + dv)) time a head; the work memory does not depend on the
///   number of queries or keys, but for ``Backend/reference``, which holds every weight.
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

/// Mixes `values` by how well each query matches each key, with every option, and returns on request
/// what lies on the way.
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
///   - options: what changes the scores and hides them, and the lengths of packed sequences.
///   - results: what to return beside the output.
///   - backend: who computes; nil means the scope's, see ``withCompute(backend:threads:layerInputs:_:)``.
/// - Returns: the output `[query token, head, dv]` and what was asked for. A query that may attend to
///   nothing gets zeros.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` or
///   ``AttentionError/argument(_:reason:)`` naming the argument or option, with what was expected and
///   what was given; ``AttentionError/memory(byteCount:purpose:)``; what a modifier of yours throws
///   when it does not fit.
/// - Complexity: O(queries · keys · (dk + dv)) time a head and sequence; the work memory does not
///   depend on the number of queries or keys, but for ``Backend/reference``, which holds every
///   weight.
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
  /// Computes attention on a backend; nil means that of the scope.
  ///
  /// - Parameter output: memory for the output, used where it has the right size.
  func result(
    returning results: AttentionResults, on backend: Backend?,
    output: consuming Tensor? = nil
  ) throws -> AttentionResult {
    let compute = try Compute.adjusted(backend: backend, threads: nil)
    return try compute.backend.kernels.attention(
      self, threads: compute.threadCount, returning: results, output: output)
  }
}
