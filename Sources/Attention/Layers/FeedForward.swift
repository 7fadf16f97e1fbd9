/// Two linear layers with a function between them, for each token by itself:
/// y = f(x W₁ᵀ + b₁) W₂ᵀ + b₂.
///
/// - Source: Vaswani et al. 2017, section 3.3.
public struct FeedForward: Sendable {
  /// W₁ and b₁: from the model's width to the inner one.
  public let expand: Linear
  /// f.
  public let activation: Activation
  /// W₂ and b₂: back to the model's width.
  public let contract: Linear

  /// A layer of the given parts.
  ///
  /// - Parameters:
  ///   - expand: W₁, `[inner width, width]`, and b₁.
  ///   - activation: f.
  ///   - contract: W₂, `[width, inner width]`, and b₂.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the inner widths are equal.
  public init(expand: Linear, activation: Activation, contract: Linear) throws {
    guard contract.inputWidth == expand.outputWidth else {
      throw AttentionError.shape(
        argument: "contract.weight", expected: "[width, \(expand.outputWidth)]",
        got: contract.weight.shape)
    }
    self.expand = expand
    self.activation = activation
    self.contract = contract
  }

  /// y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, width]`.
  /// - Returns: y, `[token, width]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(tokens · width · inner width).
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    var inner = try expand(input)  // [token, inner width]
    try activation.apply(to: &inner)
    return try contract(inner)  // [token, width]
  }
}
