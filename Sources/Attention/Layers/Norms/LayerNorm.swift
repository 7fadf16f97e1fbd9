/// Layer normalisation: scales each token's features to mean 0 and variance 1, then applies weight
/// and bias:
/// y = (x − mean x) / √(variance x + ε) · weight + bias.
///
/// The variance divides by the number of features n, not by n − 1.
///
/// - Source: Ba, Kiros & Hinton 2016.
public struct LayerNorm: Sendable {
  /// The weight γ, `[feature]`.
  public let gain: Tensor
  /// The bias β, `[feature]`.
  public let bias: Tensor
  /// ε, which avoids a division by 0 for a constant row.
  public let epsilon: Float

  /// The number of features.
  public var featureCount: Int { gain.count }

  /// A norm with the given parameters.
  ///
  /// - Parameters:
  ///   - gain: the weight, `[feature]`.
  ///   - bias: `[feature]`.
  ///   - epsilon: a positive number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the shapes differ;
  ///   ``AttentionError/argument(_:reason:)`` naming "epsilon".
  public init(gain: Tensor, bias: Tensor, epsilon: Float) throws {
    guard gain.shape.rank == 1 else {
      throw AttentionError.shape(argument: "gain", expected: "[feature]", got: gain.shape)
    }
    guard bias.shape == gain.shape else {
      throw AttentionError.shape(
        argument: "bias", expected: "the shape \(gain.shape) of gain", got: bias.shape)
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw AttentionError.argument(
        "epsilon", reason: "expected a positive number, got \(epsilon)")
    }
    self.gain = gain
    self.bias = bias
    self.epsilon = epsilon
  }

  /// Computes y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, feature]`.
  /// - Returns: y, `[token, feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the number of features differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor { try Norm.layer(self)(input) }

  /// Normalises the rows of a block in place.
  ///
  /// - Parameter x: the block's first row.
  func apply(_ block: RowBlock, to x: UnsafeMutablePointer<Float>) {
    gain.withUnsafeBase { gain in
      bias.withUnsafeBase { bias in
        for row in 0..<block.rows.count {
          block.loops.normalize(
            UnsafeMutableBufferPointer(start: x + row * featureCount, count: featureCount), gain: gain,
            bias: bias, epsilon: epsilon)
        }
      }
    }
  }
}
