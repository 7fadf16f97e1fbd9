/// RMS normalization: scales each token's features to mean square 1, then applies the weight:
/// y = x / √(mean x² + ε) · weight.
///
/// Unlike layer normalization, RMS normalization subtracts no mean and adds no bias.
///
/// - Source: Zhang & Sennrich 2019.
public struct RMSNorm: Sendable {
  /// The weight, `[feature]`.
  public let weight: Tensor
  /// ε, which avoids a division by 0 for a row of zeros.
  public let epsilon: Float

  /// The number of features.
  public var featureCount: Int { weight.count }

  /// A norm with the given parameters.
  ///
  /// - Parameters:
  ///   - weight: the weight, `[feature]`.
  ///   - epsilon: a positive number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the weight does not have rank 1;
  ///   ``AttentionError/argument(_:reason:)`` naming "epsilon".
  public init(weight: Tensor, epsilon: Float) throws {
    guard weight.shape.rank == 1 else {
      throw AttentionError.shape(argument: "weight", expected: "[feature]", got: weight.shape)
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw AttentionError.argument(
        "epsilon", reason: "expected a positive number, got \(epsilon)")
    }
    self.weight = weight
    self.epsilon = epsilon
  }

  /// Computes y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, feature]`.
  /// - Returns: y, `[token, feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the number of features differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor { try Norm.rms(self)(input) }

  /// Normalizes `rowCount` rows in place.
  ///
  /// - Parameter x: the first row.
  func apply(_ kernels: any Kernels, rowCount: Int, to x: UnsafeMutablePointer<Float>) {
    weight.withUnsafeBase { weight in
      for row in 0..<rowCount {
        kernels.rmsNorm(
          UnsafeMutableBufferPointer(start: x + row * featureCount, count: featureCount),
          weight: weight,
          epsilon: epsilon)
      }
    }
  }
}
