/// The derivatives of a loss by the operator's arguments, each of its argument's shape.
///
/// ``attentionGradients(of:queries:keys:values:options:result:on:)`` has the formulas.
public struct AttentionGradients: Sendable {
  /// dQ, `[query token, head, dk]`.
  public var queries: Tensor
  /// dK, `[key token, key-value head, dk]`, summed over the query heads of each group.
  public var keys: Tensor
  /// dV, `[key token, key-value head, dv]`, summed over the query heads of each group.
  public var values: Tensor
  /// The derivative by ``AttentionOptions/bias``, if there is one, in its shape: summed over the
  /// heads where they share it; 0 where the mask hides, and between packed sequences.
  public var bias: Tensor?
  /// The derivative by ``AttentionOptions/sinks``, `[head]`, if there are any.
  public var sinks: Tensor?
}

/// The derivatives of a loss by queries, keys, values, additive bias and sinks, from its derivative
/// by the operator's output.
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
///   - result: the operator's output and log-sum-exp for the same arguments and options; nil to
///     compute them here. ``Backend/reference`` always computes them itself.
///   - backend: who computes; nil means the scope's.
/// - Returns: dQ, dK and dV, and the derivatives by bias and sinks where the options have them.
/// - Throws: as the operator does; ``AttentionError/shape(argument:expected:got:)`` for a gradient
///   or a result of another shape than the output; ``AttentionError/argument(_:reason:)`` when the
///   result lacks its log-sum-exp.
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
