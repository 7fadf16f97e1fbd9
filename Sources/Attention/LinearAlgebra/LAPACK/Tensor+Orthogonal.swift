import RealModule

extension Tensor {
  /// A random matrix with orthonormal rows or columns, for initializing weights. It multiplies the
  /// length of every vector by `gain`.
  ///
  /// W = gain · Q. Wᵀ W = gain² · I if rows ≥ columns, and W Wᵀ = gain² · I if rows ≤ columns. Q
  /// comes from the QR factorization of a matrix of samples from N(0, 1), with the signs that make
  /// R's diagonal positive. All orthonormal Q are then equally probable.
  ///
  /// ```swift
  /// var generator = SystemRandomNumberGenerator()
  /// let weight = try Tensor.orthogonal(rows: 384, columns: 384, using: &generator)
  /// ```
  ///
  /// - Parameters:
  ///   - rows: the output features of a weight `[output, input]`.
  ///   - columns: its input features.
  ///   - gain: the factor on the length of every vector.
  ///   - generator: the source of random numbers; the same state gives the same matrix.
  /// - Returns: `[rows, columns]`.
  /// - Throws: ``AttentionError/argument(_:reason:)`` for a negative size, or a gain that is not
  ///   finite; ``AttentionError/overflow(_:)`` for a size beyond LAPACK's 32-bit integers;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  /// - Source: Saxe et al. 2013; as `torch.nn.init.orthogonal_`.
  public static func orthogonal(
    rows: Int, columns: Int, gain: Float = 1, using generator: inout some RandomNumberGenerator
  ) throws -> Tensor {
    guard gain.isFinite else {
      throw AttentionError.argument("gain", reason: "\(gain) is not finite")
    }
    // Column-major [long, short] is row-major [short, long]: a wide result uses the factor in place,
    // a tall result is its transpose.
    let (short, long) = (min(rows, columns), max(rows, columns))
    let wide = try Tensor(shape: [short, long]) { buffer in
      for index in buffer.indices {
        buffer.initializeElement(at: index, to: normalDraw(using: &generator))
      }
      guard let base = buffer.baseAddress else { return }
      try LAPACK.orthonormalizeColumns(of: base, rowCount: long, columnCount: short)
      for index in buffer.indices { buffer[index] *= gain }
    }
    return rows <= columns ? wide : try Tensor(wide.matrix().transposed)
  }
}

/// A sample from N(0, 1), by Box and Muller.
private func normalDraw(using generator: inout some RandomNumberGenerator) -> Float {
  // 1 − [0, 1) excludes 0, whose logarithm is infinite.
  let radius = (-2 * Double.log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
  return Float(radius * Double.cos(2 * .pi * Double.random(in: 0..<1, using: &generator)))
}
