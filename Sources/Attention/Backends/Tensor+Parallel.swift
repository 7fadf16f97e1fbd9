extension Tensor {
  /// Calls `body` with each run of `width` scalars, to change in place; the threads of the scope share
  /// the work.
  mutating func forEachRow(
    width: Int, _ body: @Sendable (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    guard width > 0, count > 0 else { return }
    let rowCount = count / width
    try withUnsafeMutableScalars { buffer in
      nonisolated(unsafe) let buffer = buffer
      // Below some thousands of scalars, waking a thread costs more than it saves.
      try Workers.forEachRange(
        of: rowCount, least: 16_384 / width + 1, threads: Compute.current.threadCount
      ) { rows in
        for row in rows {
          body(UnsafeMutableBufferPointer(rebasing: buffer[row * width..<(row + 1) * width]))
        }
      }
    }
  }
}

extension MatrixProduct {
  /// Computes this product with the backend and on the threads of the scope.
  ///
  /// The rows of C are shared out, or its columns where it has few rows; BLAS itself is entered
  /// single-threaded.
  func compute() throws {
    let compute = Compute.current
    let kernels = compute.backend.kernels
    // A product of less than this many operations takes less time than waking a thread.
    guard compute.threadCount > 1, m * n * k > 200_000 else {
      kernels.multiply(self)
      return
    }
    nonisolated(unsafe) let whole = self
    if m / 16 >= compute.threadCount {
      try Workers.forEachRange(of: m, least: 16, threads: compute.threadCount) { rows in
        kernels.multiply(try whole.part(rows: rows, columns: 0..<whole.n))
      }
    } else {
      try Workers.forEachRange(of: n, least: 64, threads: compute.threadCount) { columns in
        kernels.multiply(try whole.part(rows: 0..<whole.m, columns: columns))
      }
    }
  }

  /// The product that computes only these rows and columns of C.
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
