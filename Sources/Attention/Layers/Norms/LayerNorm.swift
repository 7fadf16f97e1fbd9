/// Layer normalization: scales each token's features to mean 0 and variance 1, then applies weight
/// and bias: y = (x − mean x) / √(variance x + ε) · weight + bias.
///
/// The variance divides by the number of features n, not by n − 1.
///
/// - Source: Ba, Kiros & Hinton 2016.
public struct LayerNorm: Sendable {
  /// The weight γ, `[feature]`.
  public let weight: Tensor
  /// The bias β, `[feature]`.
  public let bias: Tensor
  /// ε, which avoids a division by 0 for a constant row.
  public let epsilon: Float

  /// The number of features.
  public var featureCount: Int { weight.count }

  /// A norm with the given parameters.
  ///
  /// - Parameters:
  ///   - weight: the weight, `[feature]`.
  ///   - bias: `[feature]`.
  ///   - epsilon: a positive number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the shapes differ;
  ///   ``AttentionError/argument(_:reason:)`` naming "epsilon".
  public init(weight: Tensor, bias: Tensor, epsilon: Float) throws {
    guard weight.shape.rank == 1 else {
      throw AttentionError.shape(argument: "weight", expected: "[feature]", got: weight.shape)
    }
    guard bias.shape == weight.shape else {
      throw AttentionError.shape(
        argument: "bias", expected: "the shape \(weight.shape) of weight", got: bias.shape)
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw AttentionError.argument(
        "epsilon", reason: "expected a positive number, got \(epsilon)")
    }
    self.weight = weight
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

  /// Normalizes the rows of a block in place.
  ///
  /// - Parameter x: the block's first row.
  func apply(_ block: RowBlock, to x: UnsafeMutablePointer<Float>) {
    weight.withUnsafeBase { weight in
      bias.withUnsafeBase { bias in
        for row in 0..<block.rows.count {
          block.kernels.layerNorm(
            UnsafeMutableBufferPointer(start: x + row * featureCount, count: featureCount),
            weight: weight,
            bias: bias, epsilon: epsilon)
        }
      }
    }
  }
}
