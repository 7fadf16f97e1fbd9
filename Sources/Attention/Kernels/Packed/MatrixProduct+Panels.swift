extension Kernels {
  package func multiply(_ product: MatrixProduct) throws { try multiplyInPanels(product) }

  /// Computes a general product as panel products, packing B one block at a time.
  ///
  /// 1. Pack a K-block of a block of columns of op(B) into panels, which stay in the second-level
  ///    cache.
  /// 2. Take a block of rows of op(A): in place, or copied if A is transposed.
  /// 3. C ← C + α · A P for these rows. β is applied before the first K-block; if β is 0, the first
  ///    K-block overwrites C.
  ///
  /// Packing does not pay off for few rows or columns; see `multiplyInPlace`.
  func multiplyInPanels(_ product: MatrixProduct) throws {
    guard !product.isScaling else { return product.scaleC() }
    guard min(product.m, product.n) > Tuning.GeneralProduct.inPlaceRows else {
      return try multiplyInPlace(product)
    }
    let (m, n, k) = (product.m, product.n, product.k)
    let columnBlock = Tuning.GeneralProduct.columnBlock
    let kBlock = min(k, Tuning.GeneralProduct.kBlock)
    let rowBlock = min(m, Tuning.GeneralProduct.rowBlock)
    let panelCount = PanelProduct.scalarCount(k: kBlock, n: min(n, columnBlock))
    let rowCount = product.a.isTransposed ? rowBlock * kBlock : 0
    if product.beta != 0 { product.scaleC() }
    try Scratch.withFloats(count: panelCount + rowCount) { panels in
      for columns in blocks(of: 0..<n, length: columnBlock) {
        for depth in evenBlocks(of: 0..<k, atMost: kBlock) {
          pack(product.b, rows: depth, columns: columns, into: panels)
          for rows in evenBlocks(of: 0..<m, atMost: rowBlock) {
            try Cancellation.check()
            let a = product.a.rows(rows, columns: depth, memory: panels + panelCount)
            var part = PanelProduct(
              m: rows.count, n: columns.count, k: depth.count, a: a.base,
              aStride: a.leadingDimension, panels: panels,
              panelStride: PanelProduct.width * depth.count,
              c: product.c + rows.lowerBound * product.cLeadingDimension + columns.lowerBound,
              cStride: product.cLeadingDimension)
            part.alpha = product.alpha
            part.accumulates = product.beta != 0 || depth.lowerBound > 0
            multiply(part)
          }
        }
      }
    }
  }

  /// Packs a block of op(B).
  private func pack(
    _ b: MatrixProduct.Operand, rows: Range<Int>, columns: Range<Int>,
    into panels: UnsafeMutablePointer<Float>
  ) {
    let start = b.address(row: rows.lowerBound, column: columns.lowerBound)
    let (n, k, width) = (columns.count, rows.count, PanelProduct.width)
    if b.isTransposed {
      packColumns(start, stride: b.leadingDimension, n: n, k: k, width: width, into: panels)
    } else {
      packRows(start, stride: b.leadingDimension, n: n, k: k, width: width, into: panels)
    }
  }

  /// Computes a product in which op(A) has few rows or op(B) few columns. The large operand is read
  /// once, in place: as dot products if its stored rows have k scalars, otherwise as weighted sums of
  /// its stored rows.
  private func multiplyInPlace(_ product: MatrixProduct) throws {
    let (m, n, k) = (product.m, product.n, product.k)
    let hasFewRows = m <= n
    let few = hasFewRows ? product.a : product.b.transposed
    let many = hasFewRows ? product.b.transposed : product.a
    let (rowCount, width) = (min(m, n), max(m, n))
    try Scratch.withFloats(count: rowCount * (k + width)) { memory in
      let x = few.rows(0..<rowCount, columns: 0..<k, memory: memory + rowCount * width)
      let sums = memory  // [rowCount, width]
      if many.isTransposed {
        sums.update(repeating: 0, count: rowCount * width)
        addWeightedValues(
          CacheProduct(
            rows: rowCount, keys: k, dimension: width, inputs: x.base,
            inputStride: x.leadingDimension, cache: many.base, cacheStride: many.leadingDimension,
            output: sums, outputStride: width))
      } else {
        scoreKeys(
          CacheProduct(
            rows: rowCount, keys: width, dimension: k, inputs: x.base,
            inputStride: x.leadingDimension, cache: many.base, cacheStride: many.leadingDimension,
            output: sums, outputStride: width))
      }
      let (alpha, beta) = (product.alpha, product.beta)
      let (rowStride, columnStride) =
        hasFewRows ? (product.cLeadingDimension, 1) : (1, product.cLeadingDimension)
      for row in 0..<rowCount {
        for column in 0..<width {
          let target = product.c + row * rowStride + column * columnStride
          let scaled = alpha * sums[row * width + column]
          target.pointee = beta == 0 ? scaled : scaled + beta * target.pointee
        }
      }
    }
  }
}

extension MatrixProduct.Operand {
  /// op(X)ᵀ.
  fileprivate var transposed: Self {
    Self(base, leadingDimension: leadingDimension, isTransposed: !isTransposed)
  }

  /// The address of an element of op(X).
  fileprivate func address(row: Int, column: Int) -> UnsafePointer<Float> {
    isTransposed
      ? base + column * leadingDimension + row : base + row * leadingDimension + column
  }

  /// A part of op(X) whose rows are contiguous: in place, or copied into `memory`.
  fileprivate func rows(
    _ rows: Range<Int>, columns: Range<Int>, memory: UnsafeMutablePointer<Float>
  ) -> Self {
    let start = address(row: rows.lowerBound, column: columns.lowerBound)
    guard isTransposed else { return Self(start, leadingDimension: leadingDimension) }
    // Copy 8 neighboring scalars of a stored row at a time, one into each of 8 rows.
    for first in stride(from: 0, to: rows.count, by: 8) {
      let count = min(8, rows.count - first)
      for column in 0..<columns.count {
        let source = start + column * leadingDimension + first
        let target = memory + first * columns.count + column
        for row in 0..<count { target[row * columns.count] = source[row] }
      }
    }
    return Self(UnsafePointer(memory), leadingDimension: columns.count)
  }
}
