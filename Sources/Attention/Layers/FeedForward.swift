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
        got: [contract.outputWidth, contract.inputWidth])
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
    guard input.shape.rank == 2, input.shape[1] == expand.inputWidth else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(expand.inputWidth)]", got: input.shape)
    }
    return try Tensor(shape: [input.shape[0], contract.outputWidth]) { output in
      guard let y = output.baseAddress else { return }
      try input.withUnsafeBase { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        try RowBlock.forEach(of: input.shape[0]) { block in
          let first = block.rows.lowerBound
          try apply(
            block, x + first * expand.inputWidth, to: y + first * contract.outputWidth, adds: false)
        }
      }
    }
  }

  /// y, or y + what is there, for a block of rows.
  ///
  /// - Parameters:
  ///   - x: the block's first row of the input.
  ///   - y: the block's first row of the output.
  func apply(
    _ block: RowBlock, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, adds: Bool
  ) throws {
    let count = block.rows.count
    try Scratch.withFloats(count: count * expand.outputWidth) { inner in  // [row, inner width]
      try block.multiply(
        expand.product(rowCount: count, of: x, into: inner, activation: activation))
      try block.multiply(
        adds
          ? contract.product(rowCount: count, of: inner, addingTo: y)
          : contract.product(rowCount: count, of: inner, into: y))
    }
  }
}
