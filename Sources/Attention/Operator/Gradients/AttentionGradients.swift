/// The derivatives of a loss with respect to the operator's arguments. Each has the shape of its
/// argument.
///
/// ``attentionGradients(of:queries:keys:values:options:result:on:)`` has the formulas.
public struct AttentionGradients: Sendable {
  /// dQ, `[query token, head, dk]`.
  public var queries: Tensor
  /// dK, `[key token, key-value head, dk]`, summed over the query heads of each group.
  public var keys: Tensor
  /// dV, `[key token, key-value head, dv]`, summed over the query heads of each group.
  public var values: Tensor
  /// The derivative with respect to ``AttentionOptions/bias``, in the shape of the bias; nil without
  /// a bias. It is summed over heads that share the bias, and 0 for hidden keys and between packed
  /// sequences.
  public var bias: Tensor?
  /// The derivatives with respect to the ``ScoreModifier/parameters`` of each of
  /// ``AttentionOptions/modifiers``, in the shapes of the parameters; nil for a modifier without
  /// parameters.
  public var modifiers: [Tensor?] = []
  /// The derivative with respect to ``AttentionOptions/sinks``, `[head]`; nil without sinks.
  public var sinks: Tensor?
}

/// Computes the derivatives of a loss with respect to queries, keys, values, additive bias, sinks and
/// the parameters of modifiers, from its derivative with respect to the operator's output.
///
/// With P the softmax, Z the dropout factors (1 without dropout), dO the output's gradient, and f the
/// modifiers:
///
///     dV = (P ∘ Z)ᵀ dO         dP = Z ∘ (dO Vᵀ)         Dᵢ = Σ dOᵢ ∘ Oᵢ
///     dS = P ∘ (dP − D)        d bias = dS               d sinkₕ = −Σᵢ exp(sinkₕ − Lᵢ) Dᵢ
///     dQ = scale · (dS ∘ f′) K                            dK = scale · (dS ∘ f′)ᵀ Q
///     dθ = Σ dS · ∂f/∂θ           θ: the parameters of a modifier f
///
/// The softmax is recomputed for one strip of queries at a time, so no score matrix is stored, and
/// each row of P sums to 1 for scores of any size. Hidden scores contribute nothing. A query without
/// visible keys has a gradient of zeros.
///
/// **Parts of the keys.** Without a result, the keys of the call are all keys. A result may also
/// cover other keys: P is then the part of the result's softmax for the keys of the call, and O is
/// the result's output. Therefore, with the result of ``mergedAttention(_:)``, the gradients of the
/// parts add up to the gradients of the whole:
///
/// ```swift
/// let merged = try mergedAttention(parts)
/// let part = try attentionGradients(
///   of: outputGradient, queries: q, keys: keys[0], values: values[0], result: merged)
/// // part.keys and part.values are final; sum part.queries over the parts.
/// ```
///
/// - Parameters:
///   - outputGradient: dO, `[query token, head, dv]`.
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`.
///   - values: `[key token, key-value head, dv]`.
///   - options: as for the operator.
///   - result: output and log-sum-exp over these keys, or over these and others, for the same queries
///     and options; nil for these keys alone. Results of the operator and of ``mergedAttention(_:)``
///     also have ``AttentionResult/statistics``. A result made from a log-sum-exp L alone is less
///     accurate if |L| is large: the relative error of the weights is then up to |L| · 2⁻²³.
///   - backend: the compute backend; nil means the backend of the current scope.
/// - Returns: dQ, dK and dV, and the derivatives with respect to bias, sinks and parameters if the
///   options have them.
/// - Throws: as the operator; ``AttentionError/shape(argument:expected:got:)`` if the gradient or the
///   result does not have the output's shape; ``AttentionError/argument(_:reason:)`` if the result
///   has no log-sum-exp.
/// - Complexity: O(queries · keys · (dk + dv)) time per head. The work memory of a thread is two or
///   three tiles of 2¹⁸ scores, or of 64 rows of scores if those are more.
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
