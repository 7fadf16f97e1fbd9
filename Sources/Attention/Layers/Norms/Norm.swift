/// A normalization of each token's features.
public enum Norm: Sendable {
  /// Mean 0 and variance 1: BERT, GPT-2, BART.
  case layer(LayerNorm)
  /// Mean square 1: T5, Llama and later models.
  case rms(RMSNorm)

  /// The number of features.
  public var featureCount: Int {
    switch self {
    case .layer(let norm): norm.featureCount
    case .rms(let norm): norm.featureCount
    }
  }

  /// Normalizes each row of `input`.
  ///
  /// - Parameter input: `[token, feature]`.
  /// - Returns: the same shape.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the number of features differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ input: Tensor) throws -> Tensor {
    var output = input
    try apply(to: &output)
    return output
  }

  /// Normalizes each row of `tensor`, in place unless its storage is shared.
  func apply(to tensor: inout Tensor) throws {
    guard tensor.shape.rank == 2, tensor.shape[1] == featureCount else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(featureCount)]", got: tensor.shape)
    }
    let rowCount = tensor.shape[0]
    try tensor.withUnsafeMutableScalars { scalars in
      guard let x = scalars.baseAddress else { return }
      nonisolated(unsafe) let rows = x
      try RowBlock.forEach(of: rowCount) { block in
        apply(block, to: rows + block.rows.lowerBound * featureCount)
      }
    }
  }

  /// Normalizes the rows of a block in place.
  ///
  /// - Parameter x: the block's first row.
  func apply(_ block: RowBlock, to x: UnsafeMutablePointer<Float>) {
    switch self {
    case .layer(let norm): norm.apply(block, to: x)
    case .rms(let norm): norm.apply(block.kernels, rowCount: block.rows.count, to: x)
    }
  }
}

extension Norm? {
  /// Calls `body` with the block's rows: a normalized copy, or the rows themselves if there is no
  /// norm.
  func withNormalized(
    _ block: RowBlock, _ x: UnsafePointer<Float>, featureCount: Int,
    _ body: (UnsafePointer<Float>) throws -> Void
  ) throws {
    guard let norm = self else { return try body(x) }
    let count = block.rows.count * featureCount
    try Scratch.withFloats(count: count) { normal in
      normal.update(from: x, count: count)
      norm.apply(block, to: normal)
      try body(normal)
    }
  }
}
