/// The matrix product as its definition reads: what `PortableKernels` must agree with.
///
/// Kept for good, to be read and to be compared with; it is some twenty times slower.
package struct NaiveKernels: Kernels {
  package init() {}

  /// c[i, j] ← α · Σₚ a[i, p] · b[p, j] + β · c[i, j].
  package func multiply(_ product: MatrixProduct) {
    guard !product.isScaling else { return product.scaleC() }
    let (aRow, aColumn) = product.a.strides
    let (bRow, bColumn) = product.b.strides
    for i in 0..<product.m {
      for j in 0..<product.n {
        var sum: Float = 0
        for p in 0..<product.k {
          sum += product.a.base[i * aRow + p * aColumn] * product.b.base[p * bRow + j * bColumn]
        }
        let position = i * product.cLeadingDimension + j
        let scaled = product.alpha * sum
        product.c[position] =
          product.beta == 0 ? scaled : scaled + product.beta * product.c[position]
      }
    }
  }

  package var loops: any VectorLoops { PortableLoops() }
}

extension MatrixProduct.Operand {
  /// How far apart the rows and the columns of op(X) stand in memory.
  var strides: (row: Int, column: Int) {
    isTransposed ? (1, leadingDimension) : (leadingDimension, 1)
  }
}
