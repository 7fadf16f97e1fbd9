extension MatrixProduct {
  /// Computes this product with the backend and the threads of the current scope.
  ///
  /// The threads divide the rows of C, or the columns if C has few rows. Each thread computes a
  /// single-threaded product.
  func compute() throws {
    let compute = Compute.current
    let kernels = compute.backend.kernels
    let threads = compute.threadCount
    let isLong =
      multiplicationCount > Double(Tuning.GeneralProduct.multiplicationsBetweenChecks)
      || scalarCount > Double(Tuning.GeneralProduct.scalarsBetweenChecks)
    nonisolated(unsafe) let whole = self
    let multiply: @Sendable (MatrixProduct) throws -> Void = { product in
      try isLong ? product.computeInBlocks(kernels) : kernels.multiply(product)
    }
    let (leastRows, leastColumns) = (
      Tuning.GeneralProduct.leastRowsOfThread, Tuning.GeneralProduct.leastColumnsOfThread
    )
    try Cancellation.check()
    if compute.isReproducible {
      try computeReproducibly(kernels, threads: threads)
    } else if threads == 1
      || multiplicationCount <= Double(Tuning.GeneralProduct.leastSharedProduct)
    {
      try multiply(self)
    } else if m / leastRows >= threads {
      try Workers.forEachRange(of: m, least: leastRows, most: m, threads: threads) { rows in
        try multiply(whole.part(rows: rows, columns: 0..<whole.n))
      }
    } else {
      try Workers.forEachRange(of: n, least: leastColumns, most: n, threads: threads) { columns in
        try multiply(whole.part(rows: 0..<whole.m, columns: columns))
      }
    }
    // In a cancelled task, the kernels may have left C incomplete.
    try Cancellation.check()
  }

  /// Computes the product in blocks whose sizes do not depend on the number of threads.
  private func computeReproducibly(_ kernels: any Kernels, threads: Int) throws {
    let length = Tuning.GeneralProduct.reproducibleBlock
    let (rowBlocks, columnBlocks) = (
      Array(blocks(of: 0..<m, length: length)), Array(blocks(of: 0..<n, length: length))
    )
    nonisolated(unsafe) let whole = self
    try Workers.forEach(count: rowBlocks.count * columnBlocks.count, threads: threads) { index in
      let rows = rowBlocks[index / columnBlocks.count]
      let columns = columnBlocks[index % columnBlocks.count]
      try whole.part(rows: rows, columns: columns).computeInBlocks(kernels)
    }
  }

  /// The number of multiplications of the product, which may exceed `Int`.
  private var multiplicationCount: Double { Double(m) * Double(n) * Double(k) }

  /// The number of scalars of A, B and C.
  private var scalarCount: Double {
    Double(m) * Double(k) + Double(k) * Double(n) + Double(m) * Double(n)
  }

  /// Computes a product of many milliseconds block by block, and checks for cancellation before each block.
  private func computeInBlocks(_ kernels: any Kernels) throws {
    let length = Tuning.GeneralProduct.checkedBlock
    for rows in evenBlocks(of: 0..<m, atMost: length) {
      for columns in evenBlocks(of: 0..<n, atMost: length) {
        for depth in evenBlocks(of: 0..<max(k, 1), atMost: length) {
          try Cancellation.check()
          try kernels.multiply(
            part(rows: rows, columns: columns, depth: depth.clamped(to: 0..<k)))
        }
      }
    }
  }

  /// The part of the product that computes only these rows and columns of C, with a K-block. The first
  /// K-block applies β, and the others add to C.
  private func part(
    rows: Range<Int>, columns: Range<Int>, depth: Range<Int>? = nil
  ) throws -> MatrixProduct {
    let depth = depth ?? 0..<k
    func offset(_ operand: Operand, _ row: Int, _ column: Int) -> Int {
      operand.isTransposed
        ? column * operand.leadingDimension + row : row * operand.leadingDimension + column
    }
    var (a, b) = (a, b)
    a.base += offset(a, rows.lowerBound, depth.lowerBound)
    b.base += offset(b, depth.lowerBound, columns.lowerBound)
    return try MatrixProduct(
      m: rows.count, n: columns.count, k: depth.count, alpha: alpha, a: a, b: b,
      beta: depth.lowerBound == 0 ? beta : 1,
      c: c + rows.lowerBound * cLeadingDimension + columns.lowerBound,
      cLeadingDimension: cLeadingDimension)
  }
}
