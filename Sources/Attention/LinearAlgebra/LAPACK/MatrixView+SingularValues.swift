import RealModule

extension MatrixView {
  /// The singular values σ₁ ≥ σ₂ ≥ … ≥ 0, of which there are as many as the lesser extent.
  ///
  /// Computed in Double, so that small ones are right to about 10⁻¹⁵ · σ₁.
  ///
  /// - Returns: as many as the lesser extent, in descending order.
  /// - Throws: ``AttentionError/argument(_:reason:)`` when a scalar is NaN or infinite, or LAPACK's
  ///   iteration does not converge; ``AttentionError/overflow(_:)`` for a size beyond LAPACK's 32-bit
  ///   integers; ``AttentionError/memory(byteCount:purpose:)`` when there is none for a copy.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  /// - Source: LAPACK's `dgesdd`.
  public func singularValues() throws -> [Float] {
    try preciseSingularValues().map { Float($0) }
  }

  /// How many dimensions this matrix makes use of: exp(−Σ pᵢ ln pᵢ) with pᵢ = σᵢ / Σ σ.
  ///
  /// Between 1, when all rows are multiples of one, and the lesser extent, when all singular values
  /// are equal; 0 for a matrix of zeros and for an empty one. Of a head's attention weights
  /// `[query, key]` it says how many patterns the head mixes; of W_Q W_Kᵀ, in how many directions it
  /// compares.
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
    // Twice the Floats are the memory of as many Doubles.
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
                "matrix", reason: "\(scalar) has no place in a matrix with singular values")
            }
            (matrix + row * rowCount + column).initialize(to: Double(scalar))
          }
        }
      }
      return try LAPACK.singularValues(of: matrix, rowCount: rowCount, columnCount: columnCount)
    }
  }
}
