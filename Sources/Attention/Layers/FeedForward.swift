/// A feed-forward layer: two linear layers with an activation between them, applied to each token:
/// y = f(x W₁ᵀ + b₁) W₂ᵀ + b₂; or, with a gate, y = (f(x W_Gᵀ + b_G) ∘ (x W₁ᵀ + b₁)) W₂ᵀ + b₂.
///
/// - Source: Vaswani et al. 2017, section 3.3; gates: Shazeer 2020.
public struct FeedForward: Sendable {
  /// The up projection W₁ and b₁, from the hidden size to the intermediate size.
  public let upProjection: Linear
  /// The gate projection W_G and b_G, from the hidden size to the intermediate size; nil for no
  /// gate.
  public let gateProjection: Linear?
  /// f.
  public let activation: Activation
  /// The down projection W₂ and b₂, from the intermediate size to the hidden size.
  public let downProjection: Linear

  /// A layer with the given projections.
  ///
  /// - Parameters:
  ///   - upProjection: W₁, `[intermediate size, hidden size]`, and b₁.
  ///   - gateProjection: W_G, `[intermediate size, hidden size]`, and b_G; nil for no gate.
  ///   - activation: f.
  ///   - downProjection: W₂, `[hidden size, intermediate size]`, and b₂.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the intermediate sizes differ,
  ///   or the shape of W_G differs from the shape of W₁.
  public init(
    upProjection: Linear, gateProjection: Linear? = nil, activation: Activation,
    downProjection: Linear
  ) throws {
    guard downProjection.inputSize == upProjection.outputSize else {
      throw AttentionError.shape(
        argument: "downProjection.weight", expected: "[hidden size, \(upProjection.outputSize)]",
        got: [downProjection.outputSize, downProjection.inputSize])
    }
    if let gateProjection {
      let (shape, expected): (Shape, Shape) = (
        [gateProjection.outputSize, gateProjection.inputSize],
        [upProjection.outputSize, upProjection.inputSize]
      )
      guard shape == expected else {
        throw AttentionError.shape(
          argument: "gateProjection.weight",
          expected: "the shape \(expected) of upProjection.weight", got: shape)
      }
    }
    self.upProjection = upProjection
    self.gateProjection = gateProjection
    self.activation = activation
    self.downProjection = downProjection
  }

  /// Computes y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, hidden size]`.
  /// - Returns: y, `[token, hidden size]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the hidden size differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(tokens · hidden size · intermediate size).
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    guard input.shape.rank == 2, input.shape[1] == upProjection.inputSize else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(upProjection.inputSize)]", got: input.shape)
    }
    return try Tensor(shape: [input.shape[0], downProjection.outputSize]) { output in
      guard let y = output.baseAddress else { return }
      try input.withUnsafeBase { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        try RowBlock.forEach(of: input.shape[0]) { block in
          let first = block.rows.lowerBound
          try apply(
            block, x + first * upProjection.inputSize, to: y + first * downProjection.outputSize,
            adds: false)
        }
      }
    }
  }

  /// Writes the result for a block of rows to y, or adds the result to y if `adds`.
  ///
  /// - Parameters:
  ///   - x: the block's first row of the input.
  ///   - y: the block's first row of the output.
  func apply(
    _ block: RowBlock, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, adds: Bool
  ) throws {
    let rows = block.rows.count
    let count = rows * upProjection.outputSize
    // [row, intermediate size]
    try Scratch.withFloats(count: gateProjection == nil ? count : 2 * count) { inner in
      if let gateProjection {
        let gated = inner + count
        try block.multiply([
          upProjection.product(rowCount: rows, of: x, into: inner),
          gateProjection.product(rowCount: rows, of: x, into: gated, activation: activation),
        ])
        block.kernels.multiply(UnsafeMutableBufferPointer(start: inner, count: count), by: gated)
      } else {
        try block.multiply([
          upProjection.product(rowCount: rows, of: x, into: inner, activation: activation)
        ])
      }
      try block.multiply([
        adds
          ? downProjection.product(rowCount: rows, of: inner, addingTo: y)
          : downProjection.product(rowCount: rows, of: inner, into: y)
      ])
    }
  }
}
