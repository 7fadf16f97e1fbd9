/// Each token's features at mean square 1, then scaled: y = x / √(mean x² + ε) · gain.
///
/// Neither a mean is subtracted nor a bias added.
///
/// - Source: Zhang & Sennrich 2019.
public struct RMSNorm: Sendable {
  /// The gain, `[feature]`.
  public let gain: Tensor
  /// ε, which keeps a row of zeros from dividing by 0.
  public let epsilon: Float

  /// The number of features.
  public var width: Int { gain.count }

  /// A layer with the given weights.
  ///
  /// - Parameters:
  ///   - gain: `[feature]`.
  ///   - epsilon: a positive number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the gain has rank 1;
  ///   ``AttentionError/argument(_:reason:)`` naming "epsilon".
  public init(gain: Tensor, epsilon: Float) throws {
    guard gain.shape.rank == 1 else {
      throw AttentionError.shape(argument: "gain", expected: "[feature]", got: gain.shape)
    }
    guard epsilon > 0, epsilon.isFinite else {
      throw AttentionError.argument(
        "epsilon", reason: "expected a positive number, got \(epsilon)")
    }
    self.gain = gain
    self.epsilon = epsilon
  }

  /// y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, feature]`.
  /// - Returns: y, `[token, feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor { try Norm.rms(self)(input) }

  /// Normalises rows, in place.
  ///
  /// - Parameter x: the first of them.
  func apply(_ loops: any VectorLoops, rowCount: Int, to x: UnsafeMutablePointer<Float>) {
    gain.withUnsafeBase { gain in
      for row in 0..<rowCount {
        loops.normalizeBySquares(
          UnsafeMutableBufferPointer(start: x + row * width, count: width), gain: gain,
          epsilon: epsilon)
      }
    }
  }
}
