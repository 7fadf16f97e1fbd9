extension MatrixProduct {
  /// Whether A and B contribute nothing, so that the product is C ← β · C.
  package var isScaling: Bool {
    m == 0 || n == 0 || k == 0 || alpha == 0
  }

  /// C ← β · C, without writing between C's rows. β = 0 writes zeros, also over NaN.
  package func scaleC() {
    guard beta != 1 else { return }
    for row in 0..<m {
      let start = c + row * cLeadingDimension
      if beta == 0 {
        start.update(repeating: 0, count: n)
      } else {
        for column in 0..<n { start[column] *= beta }
      }
    }
  }
}
