/// A linear layer, applied to each token: y = x Wᵀ + b.
public struct Linear: Sendable {
  /// b, `[output feature]`; nil for none.
  public let bias: Tensor?
  /// Wᵀ, packed for products.
  let panels: PanelMatrix

  /// The number of features of x.
  public var inputSize: Int { panels.rowCount }
  /// The number of features of y.
  public var outputSize: Int { panels.columnCount }

  /// The storage format of W.
  public var format: WeightFormat { panels.format }
  /// The size of the stored W, in bytes.
  public var byteCount: Int { panels.byteCount }

  /// W, `[output feature, input feature]`, as PyTorch stores it.
  ///
  /// The layer stores W in another form, so this property returns a copy. In a narrow ``format``, the
  /// copy has the rounded numbers that the layer computes with.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
  public var weight: Tensor { get throws { try panels.transposed() } }

  /// A layer with the given weights.
  ///
  /// - Parameters:
  ///   - weight: `[output feature, input feature]`.
  ///   - bias: `[output feature]`; nil for none.
  ///   - format: the storage format of the weight.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the weight is not a matrix or the
  ///   bias does not match it; ``AttentionError/argument(_:reason:)`` naming "weight" for a number
  ///   that the format cannot hold: a finite number beyond its range or, in an integer format, an
  ///   infinity or NaN; ``AttentionError/memory(byteCount:purpose:)``.
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

  /// A layer that reads its weights a few rows at a time, on several threads, directly into its
  /// storage format.
  ///
  /// - Parameters:
  ///   - layout: the axes of the stored weight.
  ///   - read: writes the given rows and columns of the stored weight, one row after the other.
  /// - Throws: as the other initializer; rethrows errors of `read`.
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

  /// A layer that shares its packed weight with another layer.
  init(sharing panels: PanelMatrix, bias: Tensor? = nil) {
    self.panels = panels
    self.bias = bias
  }

  /// A layer with the same weight and another bias. The two layers share the memory of the weight.
  ///
  /// - Parameter bias: b, `[output feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the bias has one number per
  ///   output feature.
  package func replacingBias(_ bias: Tensor) throws -> Linear {
    guard bias.shape == [outputSize] else {
      throw AttentionError.shape(
        argument: "bias", expected: "[\(outputSize)]", got: bias.shape)
    }
    return Linear(sharing: panels, bias: bias)
  }

  /// Computes y for each row of `input`.
  ///
  /// - Parameter input: x, `[token, input feature]`.
  /// - Returns: y, `[token, output feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the number of input features
  ///   differs; ``AttentionError/memory(byteCount:purpose:)``.
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
  /// The product that computes this layer: y = x Wᵀ + b. Its pointers are valid only while the layer
  /// exists.
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = panels.product(rowCount: rowCount, of: x, into: y)
    product.bias = bias?.withUnsafeBase { $0 }
    return product
  }

  /// The product that computes this layer and an activation f: y = f(x Wᵀ + b).
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    activation: Activation
  ) -> PanelProduct {
    var product = product(rowCount: rowCount, of: x, into: y)
    product.function = activation
    return product
  }

  /// The product that adds this layer's output to y: y ← y + x Wᵀ + b.
  func product(
    rowCount: Int, of x: UnsafePointer<Float>, addingTo y: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = product(rowCount: rowCount, of: x, into: y)
    product.addend = UnsafePointer(y)
    product.addend_stride = outputSize
    return product
  }
}
