/// A matrix product and a sum, for each token by itself: y = x Wᵀ + b.
public struct Linear: Sendable {
  /// b, `[output feature]`; nil for none.
  public let bias: Tensor?
  /// Wᵀ, in the form in which it is multiplied.
  private let panels: PanelMatrix

  /// The width of x.
  public var inputWidth: Int { panels.rowCount }
  /// The width of y.
  public var outputWidth: Int { panels.columnCount }

  /// W, `[output feature, input feature]`, as PyTorch stores it.
  ///
  /// The layer keeps it in another form, so that this is a copy.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
  public var weight: Tensor { get throws { try panels.transposed() } }

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
    panels = try PanelMatrix(transposing: weight)
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
      guard let y = output.baseAddress else { return }
      try input.withUnsafeBase { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        try RowBlock.forEach(of: rowCount) { block in
          let first = block.rows.lowerBound
          try block.multiply(
            product(
              rowCount: block.rows.count, of: x + first * inputWidth, into: y + first * outputWidth)
          )
        }
      }
    }
  }
}

extension Linear {
  /// The product that computes this layer: y = x Wᵀ + b. Its pointers are valid as long as the layer is.
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = panels.product(rowCount: rowCount, of: x, into: y)
    product.bias = bias?.withUnsafeBase { $0 }
    return product
  }

  /// The same with f around it: y = f(x Wᵀ + b).
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    activation: Activation
  ) -> PanelProduct {
    var product = product(rowCount: rowCount, of: x, into: y)
    product.activation = activation
    return product
  }

  /// The product that adds this layer's output to what is there: y ← y + x Wᵀ + b.
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, addingTo y: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = product(rowCount: rowCount, of: x, into: y)
    product.addend = UnsafePointer(y)
    product.addendStride = outputWidth
    return product
  }
}
