/// The derivatives of a loss by the operator's arguments.
public struct AttentionGradients: Sendable {
  /// `[query token, head, dk]`.
  public var queries: Tensor
  /// `[key token, key-value head, dk]`, summed over the query heads of each group.
  public var keys: Tensor
  /// `[key token, key-value head, dv]`, summed over the query heads of each group.
  public var values: Tensor
  /// The shape of `AttentionOptions.bias`, if there is one.
  public var bias: Tensor?
  /// `[head]`, if there are sinks.
  public var sinks: Tensor?
}

/// The derivatives of a loss by queries, keys, values, additive bias and sinks, from its derivative by
/// the operator's output.
///
/// With P the softmax, Z the dropout's factors (1 without), dO the output's gradient, and f the
/// modifiers:
///
///     dV = (P ∘ Z)ᵀ dO         dP = Z ∘ (dO Vᵀ)         Dᵢ = Σ dOᵢ ∘ Oᵢ
///     dS = P ∘ (dP − D)        d bias = dS               d sinkₕ = −Σᵢ exp(sinkₕ − Lᵢ) Dᵢ
///     dQ = scale · (dS ∘ f′) K                            dK = scale · (dS ∘ f′)ᵀ Q
///
/// The scores are computed again, tile by tile, from the log-sum-exp L: no score matrix is kept.
/// Scores that a mask hides have no part in any of it; a query that keeps nothing has a gradient of
/// zeros.
///
/// - Parameters:
///   - outputGradient: dO, `[query token, head, dv]`.
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`.
///   - values: `[key token, key-value head, dv]`.
///   - options: as for the operator.
///   - result: the operator's output and log-sum-exp for the same arguments; nil to compute them here.
///   - backend: who computes; nil means the scope's.
/// - Throws: as the operator does; `AttentionError.shape` for a gradient of another shape than the
///   output; `AttentionError.argument` when the result lacks its log-sum-exp.
/// - Complexity: O(queries · keys · (dk + dv)) time a head; memory for the results, and work memory
///   that does not depend on the number of queries or keys.
/// - Source: Dao et al. 2022, algorithm 4.
public func attentionGradients(
  of outputGradient: Tensor, queries: Tensor, keys: Tensor, values: Tensor,
  options: AttentionOptions = AttentionOptions(), result: AttentionResult? = nil,
  on backend: Backend? = nil
) throws -> AttentionGradients {
  let problem = try AttentionProblem(
    queries: queries, keys: keys, values: values, options: options)
  let outputShape: Shape = [problem.queryCount, problem.headCount, problem.valueDimension]
  guard outputGradient.shape == outputShape else {
    throw AttentionError.shape(
      argument: "output gradient", expected: "the output's shape \(outputShape)",
      got: outputGradient.shape)
  }
  let compute = try Compute.adjusted(backend: backend, threads: nil)
  if compute.backend == .reference {
    return try ReferenceGradients<Double>(problem, outputGradient: outputGradient).rounded()
  }
  let result =
    try result
    ?? attention(
      queries: queries, keys: keys, values: values, options: options, returning: .logSumExp,
      on: compute.backend)
  guard result.output.shape == outputShape else {
    throw AttentionError.shape(
      argument: "result.output", expected: "\(outputShape)", got: result.output.shape)
  }
  let logSumExpShape: Shape = [problem.headCount, problem.queryCount]
  guard let logSumExp = result.logSumExp, logSumExp.shape == logSumExpShape else {
    throw AttentionError.argument(
      "result",
      reason: "expected a log-sum-exp of shape \(logSumExpShape), got "
        + (result.logSumExp.map { "\($0.shape)" } ?? "none"))
  }
  return try TiledGradients(
    problem, compute: compute, outputGradient: outputGradient, output: result.output,
    logSumExp: logSumExp
  ).run()
}
