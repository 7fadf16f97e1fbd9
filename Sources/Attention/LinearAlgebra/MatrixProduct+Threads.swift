extension MatrixProduct {
  /// Computes this product with the backend and the threads of the current scope.
  ///
  /// The threads divide the rows of C, or the columns if C has few rows. Each thread computes a
  /// single-threaded product.
  func compute() throws {
    let compute = Compute.current
    let kernels = compute.backend.kernels
    guard compute.threadCount > 1, m * n * k > Tuning.GeneralProduct.leastSharedProduct else {
      return try kernels.multiply(self)
    }
    nonisolated(unsafe) let whole = self
    let (leastRows, leastColumns) = (
      Tuning.GeneralProduct.leastRowsOfThread, Tuning.GeneralProduct.leastColumnsOfThread
    )
    if m / leastRows >= compute.threadCount {
      try Workers.forEachRange(of: m, least: leastRows, threads: compute.threadCount) { rows in
        try kernels.multiply(whole.part(rows: rows, columns: 0..<whole.n))
      }
    } else {
      try Workers.forEachRange(of: n, least: leastColumns, threads: compute.threadCount) {
        columns in
        try kernels.multiply(whole.part(rows: 0..<whole.m, columns: columns))
      }
    }
  }

  /// The part of the product that computes only these rows and columns of C.
  private func part(rows: Range<Int>, columns: Range<Int>) throws -> MatrixProduct {
    var a = a
    var b = b
    a.base += rows.lowerBound * (a.isTransposed ? 1 : a.leadingDimension)
    b.base += columns.lowerBound * (b.isTransposed ? b.leadingDimension : 1)
    return try MatrixProduct(
      m: rows.count, n: columns.count, k: k, alpha: alpha, a: a, b: b, beta: beta,
      c: c + rows.lowerBound * cLeadingDimension + columns.lowerBound,
      cLeadingDimension: cLeadingDimension)
  }
}
