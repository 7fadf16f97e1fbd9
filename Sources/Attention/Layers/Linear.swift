/// A matrix product and a sum, for each token by itself: y = x Wᵀ + b.
public struct Linear: Sendable {
  /// b, `[output feature]`; nil for none.
  public let bias: Tensor?
  /// Wᵀ, in the form in which it is multiplied.
  let panels: PanelMatrix

  /// The width of x.
  public var inputSize: Int { panels.rowCount }
  /// The width of y.
  public var outputSize: Int { panels.columnCount }

  /// How W is kept.
  public var format: WeightFormat { panels.format }
  /// How many bytes W takes as it is kept.
  public var byteCount: Int { panels.byteCount }

  /// W, `[output feature, input feature]`, as PyTorch stores it.
  ///
  /// The layer keeps it in another form, so that this is a copy: of the numbers that it computes with,
  /// which in a narrow ``format`` are not quite those it was made of.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
  public var weight: Tensor { get throws { try panels.transposed() } }

  /// A layer with the given weights.
  ///
  /// - Parameters:
  ///   - weight: `[output feature, input feature]`.
  ///   - bias: `[output feature]`; nil for none.
  ///   - format: how to keep the weight.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when either does not fit;
  ///   ``AttentionError/argument(_:reason:)`` naming "weight" for a number that the format cannot hold:
  ///   one beyond its range, or, where it is of whole numbers, an infinity or NaN;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public init(weight: Tensor, bias: Tensor? = nil, format: WeightFormat = .float32) throws {
    guard weight.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "weight", expected: "[output feature, input feature]", got: weight.shape)
    }
    if let bias, bias.shape != [weight.shape[0]] {
      throw AttentionError.shape(
        argument: "bias", expected: "[\(weight.shape[0])] for weight \(weight.shape)",
        got: bias.shape)
    }
    panels = try PanelMatrix(transposing: weight, format: format)
    self.bias = bias
  }

  /// A layer whose weights are read a few rows at a time, on several threads, into the form that it keeps
  /// them in.
  ///
  /// - Parameters:
  ///   - layout: which way the weights lie.
  ///   - read: writes the given rows and columns of the stored weight, as they lie.
  /// - Throws: as the other initialiser, and what `read` throws.
  package init(
    inputSize: Int, outputSize: Int, bias: Tensor? = nil, format: WeightFormat,
    layout: WeightLayout, reading read: WeightReading
  ) throws {
    guard inputSize >= 0, outputSize >= 0 else {
      throw AttentionError.argument(
        "weight", reason: "negative dimension in \(outputSize) × \(inputSize)")
    }
    if let bias, bias.shape != [outputSize] {
      throw AttentionError.shape(
        argument: "bias", expected: "[\(outputSize)]", got: bias.shape)
    }
    panels = try PanelMatrix(
      rowCount: inputSize, columnCount: outputSize, format: format, layout: layout, reading: read)
    self.bias = bias
  }

  /// A layer over weights that others use, too.
  init(sharing panels: PanelMatrix, bias: Tensor? = nil) {
    self.panels = panels
    self.bias = bias
  }

  /// The layer with the same weights, whose memory it shares, and another bias.
  ///
  /// - Parameter bias: b, `[output feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless it has a number for each.
  package func replacingBias(_ bias: Tensor) throws -> Linear {
    guard bias.shape == [outputSize] else {
      throw AttentionError.shape(
        argument: "bias", expected: "[\(outputSize)]", got: bias.shape)
    }
    return Linear(sharing: panels, bias: bias)
  }

  /// y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, input feature]`.
  /// - Returns: y, `[token, output feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs from W's;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(tokens · input · output).
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    guard input.shape.rank == 2, input.shape[1] == inputSize else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(inputSize)]", got: input.shape)
    }
    let rowCount = input.shape[0]
    return try Tensor(shape: [rowCount, outputSize]) { output in
      guard let y = output.baseAddress else { return }
      try input.withUnsafeBase { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        try RowBlock.forEach(of: rowCount) { block in
          let first = block.rows.lowerBound
          try block.multiply([
            product(
              rowCount: block.rows.count, of: x + first * inputSize, into: y + first * outputSize)
          ])
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
    product.function = activation
    return product
  }

  /// The product that adds this layer's output to what is there: y ← y + x Wᵀ + b.
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, addingTo y: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = product(rowCount: rowCount, of: x, into: y)
    product.addend = UnsafePointer(y)
    product.addend_stride = outputSize
    return product
  }
}
