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
  /// The derivatives by the ``ScoreModifier/parameters`` of each of ``AttentionOptions/modifiers``, in
  /// their shapes; nil for a modifier without parameters.
  public var modifiers: [Tensor?] = []
  /// The derivative by ``AttentionOptions/sinks``, `[head]`, if there are any.
  public var sinks: Tensor?
}

/// Computes the derivatives of a loss by queries, keys, values, additive bias, sinks and the parameters of
/// modifiers, from its derivative by the operator's output.
///
/// With P the softmax, Z the dropout's factors (1 without), dO the output's gradient, and f the
/// modifiers:
///
///     dV = (P ∘ Z)ᵀ dO         dP = Z ∘ (dO Vᵀ)         Dᵢ = Σ dOᵢ ∘ Oᵢ
///     dS = P ∘ (dP − D)        d bias = dS               d sinkₕ = −Σᵢ exp(sinkₕ − Lᵢ) Dᵢ
///     dQ = scale · (dS ∘ f′) K                            dK = scale · (dS ∘ f′)ᵀ Q
///     dθ = Σ dS · ∂f/∂θ           θ: the parameters of a modifier f
///
/// The softmax is computed again, a strip of queries at a time: no score matrix is kept, and each row
/// of P sums to 1 whatever the size of the scores. Hidden scores contribute nothing. A query without
/// visible keys has a gradient of zeros.
///
/// **Parts of the keys.** Without a result, the call's keys are all that there are. With a result, its
/// rows may cover further keys: P is then the part of the result's softmax that falls on the call's
/// keys, and O is the result's output. So, with the result of ``mergedAttention(_:)``, the gradients of
/// the parts add up to those of the whole:
///
/// ```swift
/// let merged = try mergedAttention(parts)
/// let part = try attentionGradients(
///   of: outputGradient, queries: q, keys: keys[0], values: values[0], result: merged)
/// // part.keys and part.values are final; part.queries is to be summed over the parts.
/// ```
///
/// - Parameters:
///   - outputGradient: dO, `[query token, head, dv]`.
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`.
///   - values: `[key token, key-value head, dv]`.
///   - options: as for the operator.
///   - result: output and log-sum-exp over these keys, or over these and others, for the same queries
///     and options; nil for these keys alone. A result that the operator or ``mergedAttention(_:)``
///     returned also has ``AttentionResult/statistics``. One that was made from a log-sum-exp L alone
///     is less exact where |L| is large: weights are then within |L| · 2⁻²³ of it.
///   - backend: the compute backend; nil means the scope's.
/// - Returns: dQ, dK and dV, and the derivatives by bias, sinks and parameters if the options have them.
/// - Throws: as the operator does; ``AttentionError/shape(argument:expected:got:)`` for a gradient
///   or a result of another shape than the output; ``AttentionError/argument(_:reason:)`` when the
///   result lacks its log-sum-exp.
/// - Complexity: O(queries · keys · (dk + dv)) time a head. The work memory of a thread is two or three
///   tiles of 2¹⁸ scores, or of 64 rows of scores where those are more.
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
  let given = try result.map { try GivenResult($0, for: problem) }
  let compute = try Compute.adjusted(backend: backend, threads: nil)
  return try compute.backend.kernels.attentionGradients(
    problem, of: outputGradient, given: given, threads: compute.threadCount)
}
