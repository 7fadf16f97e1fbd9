import RealModule

extension MatrixView {
  /// The singular values σ₁ ≥ σ₂ ≥ … ≥ 0.
  ///
  /// Computed in Double: small values are accurate to about 10⁻¹⁵ · σ₁.
  ///
  /// - Returns: min(rows, columns) values in descending order.
  /// - Throws: ``AttentionError/argument(_:reason:)`` if a scalar is NaN or infinite, or LAPACK's
  ///   iteration does not converge; ``AttentionError/overflow(_:)`` for a size beyond LAPACK's 32-bit
  ///   integers; ``AttentionError/memory(byteCount:purpose:)``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  /// - Source: LAPACK's `dgesdd`.
  public func singularValues() throws -> [Float] {
    try preciseSingularValues().map { Float($0) }
  }

  /// The effective number of dimensions of this matrix: exp(−Σ pᵢ ln pᵢ) with pᵢ = σᵢ / Σ σ.
  ///
  /// It is 1 if all rows are multiples of one row, min(rows, columns) if all singular values are
  /// equal, and 0 for a matrix of zeros or an empty one. For the attention weights `[query, key]` of
  /// a head, it is the number of patterns that the head combines; for W_Q W_Kᵀ, the number of
  /// directions that the head compares.
  ///
  /// ```swift
  /// try Tensor(rows: [[2, 0], [0, 2]]).matrix().effectiveRank()  // 2
  /// ```
  ///
  /// - Throws: as ``singularValues()``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  /// - Source: Roy and Vetterli 2007, "The effective rank: a measure of effective dimensionality".
  public func effectiveRank() throws -> Float {
    let values = try preciseSingularValues()
    let sum = values.reduce(0, +)
    guard sum > 0 else { return 0 }
    let entropy = values.reduce(0.0) { entropy, value in
      let share = value / sum
      return share > 0 ? entropy - share * Double.log(share) : entropy
    }
    return Float(Double.exp(entropy))
  }

  private func preciseSingularValues() throws -> [Double] {
    // Stored row-major [r, c] is column-major [c, r], whose singular values are the same.
    let (columnCount, rowCount) = (storedRowCount, storedColumnCount)
    let (count, overflow) = rowCount.multipliedReportingOverflow(by: 2 * columnCount)
    guard !overflow else { throw AttentionError.overflow("the scalars of a matrix \(shape)") }
    // A Double takes the memory of two Floats.
    let copy = try TensorStorage(
      uninitializedCount: count, purpose: "the singular values of a matrix \(shape)")
    return try withExtendedLifetime(copy) {
      let matrix = UnsafeMutableRawPointer(copy.base)
        .bindMemory(to: Double.self, capacity: count / 2)
      try withUnsafeBase { base in
        for row in 0..<columnCount {
          for column in 0..<rowCount {
            let scalar = base[row * leadingDimension + column]
            guard scalar.isFinite else {
              throw AttentionError.argument(
                "matrix", reason: "\(scalar) is not finite; singular values require finite scalars")
            }
            (matrix + row * rowCount + column).initialize(to: Double(scalar))
          }
        }
      }
      return try LAPACK.singularValues(of: matrix, rowCount: rowCount, columnCount: columnCount)
    }
  }
}
