/// The feed-forward layer of a block: one dense layer, or a mixture of experts.
public enum FeedForwardLayer: Sendable {
  /// Every token uses all weights.
  case dense(FeedForward)
  /// Each token uses the weights of a few experts.
  case experts(MixtureOfExperts)

  /// The number of features of the input.
  public var inputSize: Int {
    switch self {
    case .dense(let layer): layer.upProjection.inputSize
    case .experts(let layer): layer.hiddenSize
    }
  }

  /// The number of features of the output.
  public var outputSize: Int {
    switch self {
    case .dense(let layer): layer.downProjection.outputSize
    case .experts(let layer): layer.hiddenSize
    }
  }

  /// The matrices that a token is multiplied by. For a mixture of experts, the matrices of the experts of one
  /// token: all experts have the same size.
  package var activeProjections: [Linear] {
    switch self {
    case .dense(let layer): layer.projections
    case .experts(let layer):
      [layer.router, layer.sharedGate].compactMap(\.self)
        + (layer.experts.prefix(layer.activeCount) + [layer.sharedExpert].compactMap(\.self))
        .flatMap(\.projections)
    }
  }

  /// Computes the output for each row of `input`.
  ///
  /// - Parameter input: `[token, hidden size]`.
  /// - Returns: `[token, hidden size]`.
  /// - Throws: as ``FeedForward`` or ``MixtureOfExperts``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    switch self {
    case .dense(let layer): try layer(input)
    case .experts(let layer): try layer(input)
    }
  }
}

extension FeedForward {
  /// The matrices of the layer.
  var projections: [Linear] { [upProjection, gateProjection, downProjection].compactMap(\.self) }
}
