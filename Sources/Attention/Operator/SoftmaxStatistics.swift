import RealModule

/// The maximum and the sum of each row's softmax.
///
/// For the scores s of a row,
///
///     m = max(maxⱼ sⱼ, sink)     l = Σⱼ exp(sⱼ − m) + exp(sink − m)     L = m + log l
///
/// The log-sum-exp L alone is one rounded number: with a maximum of −10⁹, rounding removes log l
/// entirely. Merging and gradients therefore use m and l.
public struct SoftmaxStatistics: Sendable {
  /// m, `[head, query token]`; −∞ for a row without keys and without a sink.
  public var maximum: Tensor
  /// l, `[head, query token]`; 0 for a row without keys and without a sink.
  public var sum: Tensor

  /// Statistics of another computation. The functions that use them check the shapes.
  ///
  /// - Parameters:
  ///   - maximum: m, `[head, query token]`.
  ///   - sum: l, `[head, query token]`.
  public init(maximum: Tensor, sum: Tensor) {
    self.maximum = maximum
    self.sum = sum
  }

  /// The statistics of a log-sum-exp: m = L and l = 1, or l = 0 if L is −∞.
  init(logSumExp: Tensor) throws {
    maximum = logSumExp
    sum = try Tensor(
      shape: logSumExp.shape, scalars: logSumExp.scalars.map { $0 == -.infinity ? 0 : 1 })
  }

  /// L = m + log l, `[head, query token]`; −∞ if l is 0.
  func logSumExp() throws -> Tensor {
    try Tensor(
      shape: maximum.shape,
      scalars: zip(maximum.scalars, sum.scalars).map { m, l in
        l == 0 ? -.infinity : Float(Double(m) + VectorMath.log(Double(l)))
      })
  }
}

extension AttentionResult {
  /// The statistics of the rows; if the result has none, they are derived from ``logSumExp``.
  ///
  /// - Parameters:
  ///   - argument: the name of the result in errors.
  ///   - shape: `[head, query token]`.
  /// - Throws: `AttentionError.argument` if the result has neither statistics nor a log-sum-exp;
  ///   `AttentionError.shape` if the shape differs.
  func requiredStatistics(argument: String, shape: Shape) throws -> SoftmaxStatistics {
    let found = try statistics ?? logSumExp.map { try SoftmaxStatistics(logSumExp: $0) }
    guard let found else {
      throw AttentionError.argument(
        argument, reason: "expected a log-sum-exp of shape \(shape), got none")
    }
    for (name, tensor) in [("log-sum-exp", found.maximum), ("sum", found.sum)]
    where tensor.shape != shape {
      throw AttentionError.shape(
        argument: argument, expected: "a \(name) of shape \(shape)", got: tensor.shape)
    }
    return found
  }
}
