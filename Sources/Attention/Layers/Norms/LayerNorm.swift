/// Each token's features at mean 0 and variance 1, then scaled and shifted:
/// y = (x − mean x) / √(variance x + ε) · gain + bias.
///
/// The variance divides by the width, not by one less.
///
/// - Source: Ba, Kiros & Hinton 2016.
public struct LayerNorm: Sendable {
  /// The gain γ, `[feature]`.
  public let gain: Tensor
  /// The bias β, `[feature]`.
  public let bias: Tensor
  /// ε, which keeps a constant row from dividing by 0.
  public let epsilon: Float

  /// The number of features.
  public var width: Int { gain.count }

  /// A layer with the given weights.
  ///
  /// - Parameters:
  ///   - gain: `[feature]`.
  ///   - bias: `[feature]`.
  ///   - epsilon: a positive number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the two differ;
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

  /// y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, feature]`.
  /// - Returns: y, `[token, feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor { try Norm.layer(self)(input) }

  /// Normalises a block's rows, in place.
  ///
  /// - Parameter x: the first of them.
  func apply(_ block: RowBlock, to x: UnsafeMutablePointer<Float>) {
    gain.withUnsafeBase { gain in
      bias.withUnsafeBase { bias in
        for row in 0..<block.rows.count {
          block.loops.normalize(
            UnsafeMutableBufferPointer(start: x + row * width, count: width), gain: gain,
            bias: bias, epsilon: epsilon)
        }
      }
    }
  }
}
