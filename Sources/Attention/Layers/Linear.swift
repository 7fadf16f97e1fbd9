/// A matrix product and a sum, for each token by itself: y = x Wᵀ + b.
public struct Linear: Sendable {
  /// W, `[output feature, input feature]`, as PyTorch stores it.
  public let weight: Tensor
  /// b, `[output feature]`; nil for none.
  public let bias: Tensor?

  /// The width of x.
  public var inputWidth: Int { weight.shape[1] }
  /// The width of y.
  public var outputWidth: Int { weight.shape[0] }

  /// A layer with the given weights.
  ///
  /// - Parameters:
  ///   - weight: `[output feature, input feature]`.
  ///   - bias: `[output feature]`; nil for none.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when either does not fit.
  public init(weight: Tensor, bias: Tensor? = nil) throws {
    guard weight.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "weight", expected: "[output feature, input feature]", got: weight.shape)
    }
    if let bias, bias.shape != [weight.shape[0]] {
      throw AttentionError.shape(
        argument: "bias", expected: "[\(weight.shape[0])] for weight \(weight.shape)",
        got: bias.shape)
    }
    self.weight = weight
    self.bias = bias
  }

  /// y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, input feature]`.
  /// - Returns: y, `[token, output feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs from W's;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(tokens · input · output).
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    guard input.shape.rank == 2, input.shape[1] == inputWidth else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(inputWidth)]", got: input.shape)
    }
    let rowCount = input.shape[0]
    return try Tensor(shape: [rowCount, outputWidth]) { output in
      guard let base = output.baseAddress else { return }
      // The product adds to what is there, so each row starts as the bias.
      bias?.withUnsafeScalars { bias in
        guard let bias = bias.baseAddress else { return }
        for row in 0..<rowCount {
          (base + row * outputWidth).update(from: bias, count: outputWidth)
        }
      }
      try input.matrix().withUnsafeBase { x in
        try weight.matrix().withUnsafeBase { w in
          try MatrixProduct(
            m: rowCount, n: outputWidth, k: inputWidth,
            a: .init(x, leadingDimension: inputWidth),
            b: .init(w, leadingDimension: inputWidth, isTransposed: true),
            beta: bias == nil ? 0 : 1, c: base, cLeadingDimension: outputWidth
          ).compute()
        }
      }
    }
  }
}
