import RealModule

/// A mixture of experts: feed-forward layers of which each token uses a few, chosen by a router.
///
///     p = softmax(x W_Rᵀ)                       one probability per expert
///     y = Σ gₑ · expertₑ(x)                     over the k experts with the largest pₑ
///     gₑ = pₑ, or pₑ / Σ p of the k experts     if the weights are normalized
///     y ← y + σ(x W_Sᵀ) · shared(x)             if there is a shared expert; without W_S, the factor is 1
///
/// Experts with equal probabilities are chosen in the order of their indices. The rows of a token's result are
/// added in the order of the experts, so the result does not depend on the other tokens.
///
/// No padding is computed: the rows of each expert are one product.
///
/// - Source: Shazeer et al. 2017; Jiang et al. 2024 (Mixtral, normalized weights); Qwen Team 2024 (shared
///   expert with a gate).
public struct MixtureOfExperts: Sendable {
  /// W_R, `[expert, hidden size]`.
  public let router: Linear
  /// The experts, which have the same sizes.
  public let experts: [FeedForward]
  /// k, the number of experts that a token uses.
  public let activeCount: Int
  /// Whether the weights of a token's experts are divided by their sum.
  public let normalizesWeights: Bool
  /// A feed-forward layer that every token uses; nil for none.
  public let sharedExpert: FeedForward?
  /// W_S, `[1, hidden size]`; nil for a factor of 1.
  public let sharedGate: Linear?

  /// The number of features of a token.
  public var hiddenSize: Int { router.inputSize }

  /// A mixture of the given experts.
  ///
  /// - Parameters:
  ///   - router: W_R, with one output feature per expert.
  ///   - experts: at least one; all have the same sizes and either all or none have gates.
  ///   - activeCount: k, from 1 to the number of experts.
  ///   - normalizesWeights: whether the weights of a token's experts are divided by their sum.
  ///   - sharedExpert: a feed-forward layer that every token uses; nil for none.
  ///   - sharedGate: W_S, with one output feature; nil for a factor of 1.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "activeCount", "router", "sharedExpert",
  ///   "sharedGate", or the first expert of another size.
  public init(
    router: Linear, experts: [FeedForward], activeCount: Int, normalizesWeights: Bool,
    sharedExpert: FeedForward? = nil, sharedGate: Linear? = nil
  ) throws {
    guard router.outputSize == experts.count, !experts.isEmpty else {
      throw AttentionError.argument(
        "router",
        reason: "expected \(experts.count) output features, one per expert, and at least one, "
          + "got \(router.outputSize)")
    }
    guard (1...experts.count).contains(activeCount) else {
      throw AttentionError.argument(
        "activeCount",
        reason: "expected 1 to \(experts.count), the number of experts, got \(activeCount)")
    }
    let hiddenSize = router.inputSize
    func sizes(_ layer: FeedForward) -> [Int] {
      [layer.upProjection.inputSize, layer.downProjection.outputSize]
    }
    let (intermediateSize, isGated) = (
      experts[0].upProjection.outputSize, experts[0].gateProjection != nil
    )
    for (index, expert) in experts.enumerated() {
      guard sizes(expert) == [hiddenSize, hiddenSize],
        expert.upProjection.outputSize == intermediateSize,
        (expert.gateProjection != nil) == isGated, expert.activation == experts[0].activation
      else {
        throw AttentionError.argument(
          "experts[\(index)]",
          reason: "expected hidden size \(hiddenSize), intermediate size \(intermediateSize), "
            + "\(isGated ? "a" : "no") gate and \(experts[0].activation), got \(expert)")
      }
    }
    if let sharedExpert, sizes(sharedExpert) != [hiddenSize, hiddenSize] {
      throw AttentionError.argument(
        "sharedExpert", reason: "expected hidden size \(hiddenSize), got \(sharedExpert)")
    }
    if let sharedGate {
      guard sharedExpert != nil, sharedGate.inputSize == hiddenSize, sharedGate.outputSize == 1
      else {
        throw AttentionError.argument(
          "sharedGate",
          reason: "expected a shared expert and the sizes \(hiddenSize) → 1, got "
            + "\(sharedExpert == nil ? "no shared expert and " : "")\(sharedGate)")
      }
    }
    self.router = router
    self.experts = experts
    self.activeCount = activeCount
    self.normalizesWeights = normalizesWeights
    self.sharedExpert = sharedExpert
    self.sharedGate = sharedGate
  }

  /// Computes y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, hidden size]`.
  /// - Returns: y, `[token, hidden size]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the hidden size differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(tokens · k · hidden size · intermediate size).
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    guard input.shape.rank == 2, input.shape[1] == hiddenSize else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(hiddenSize)]", got: input.shape)
    }
    var output = try Tensor(shape: input.shape, repeating: 0)
    let routes = try ExpertRoutes(
      logits: router(input), activeCount: activeCount, normalizesWeights: normalizesWeights)
    for group in routes.groups(rowLimit: Tuning.expertRows) {
      try add(group, routes, of: input, to: &output)
    }
    guard let sharedExpert else { return output }
    var shared = try sharedExpert(input)
    if let sharedGate { try scaleRows(of: &shared, by: sharedGate(input)) }
    try output.add(shared)
    return output
  }

  /// rowᵢ ← σ(gateᵢ) · rowᵢ.
  private func scaleRows(of rows: inout Tensor, by gate: Tensor) throws {
    let factors = gate.scalars.map { 1 / (1 + Float.exp(-$0)) }
    let (width, kernels) = (hiddenSize, Compute.current.backend.kernels)
    try rows.withUnsafeMutableScalars { scalars in
      for (row, factor) in factors.enumerated() {
        kernels.scale(
          UnsafeMutableBufferPointer(rebasing: scalars[row * width..<(row + 1) * width]), by: factor
        )
      }
    }
  }
}
