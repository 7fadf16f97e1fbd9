extension VectorLoops {
  package var tileRows: Int { Tile.rowCount }

  /// A tile of C at a time: 4 rows of A against 8 columns of a panel, over at most 256 rows of it.
  package func multiply(_ product: PanelProduct) {
    let slice = 256
    withUnsafeTemporaryAllocation(of: Float.self, capacity: slice * PanelProduct.width) {
      guard let floats = $0.baseAddress else { return }
      multiply(product, slice: slice, widened: floats)
    }
  }

  private func multiply(
    _ product: PanelProduct, slice: Int, widened floats: UnsafeMutablePointer<Float>
  ) {
    for first in stride(from: 0, to: product.n, by: PanelProduct.width) {
      let columns = min(PanelProduct.width, product.n - first)
      let panel = product.panel(first / PanelProduct.width)
      // An addend that is C itself is added to like any other sum.
      var adds = product.accumulates || product.addend == UnsafePointer(product.c)
      for start in stride(from: 0, to: max(product.k, 1), by: slice) {
        let depth = min(slice, product.k - start)
        let rows = panel.floats(start..<start + depth, self, room: floats)
        for row in stride(from: 0, to: product.m, by: Tile.rowCount) {
          let rowCount = min(Tile.rowCount, product.m - row)
          for offset in stride(from: 0, to: columns, by: Tile.columnCount) {
            Tile(
              depth: depth, rowCount: rowCount,
              a: product.a + row * product.aStride + start, aStride: product.aStride,
              b: rows + offset, bStride: PanelProduct.width
            ).write(
              to: product.c + row * product.cStride + first + offset,
              leadingDimension: product.cStride, rowCount: rowCount,
              columnCount: min(Tile.columnCount, columns - offset), alpha: product.alpha,
              beta: adds ? 1 : 0)
          }
        }
        adds = true
      }
      if !product.accumulates { finish(product, columns: first..<first + columns) }
    }
  }

  /// C ← f(C + bias + addend) on these columns.
  func finish(_ product: PanelProduct, columns: Range<Int>) {
    let (bias, addend) = (product.bias, product.addend)
    guard bias != nil || addend != nil || product.activation != nil else { return }
    let addsElsewhere = addend != nil && addend != UnsafePointer(product.c)
    for row in 0..<product.m {
      let c = UnsafeMutableBufferPointer(
        start: product.c + row * product.cStride + columns.lowerBound, count: columns.count)
      if let bias { add(c, bias + columns.lowerBound) }
      if let addend, addsElsewhere {
        add(c, addend + row * product.addendStride + columns.lowerBound)
      }
      if let activation = product.activation { activate(c, activation) }
    }
  }

  package func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    let width = PanelProduct.width
    for column in 0..<(n + width - 1) / width * width {
      let target = panels + column / width * width * k + column % width
      for row in 0..<k { target[row * width] = column < n ? x[column * stride + row] : 0 }
    }
  }

  package func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    let width = PanelProduct.width
    for first in Swift.stride(from: 0, to: n, by: width) {
      let columns = min(width, n - first)
      for row in 0..<k {
        let target = panels + (first / width * k + row) * width
        target.update(from: x + row * stride + first, count: columns)
        (target + columns).update(repeating: 0, count: width - columns)
      }
    }
  }

  package func quantize(
    _ panel: UnsafePointer<Float>, rowCount: Int, scales: UnsafeMutablePointer<Float>,
    into whole: UnsafeMutablePointer<Int8>
  ) {
    let width = PanelProduct.width
    for column in 0..<width {
      let indices = stride(from: column, to: rowCount * width, by: width)
      let largest = indices.reduce(0) { max($0, panel[$1].magnitude) }
      // Not below the normal numbers, where a quotient could exceed 127, nor 0.
      scales[column] = max(largest / 127, .leastNormalMagnitude)
      for index in indices {
        whole[index] = Int8((panel[index] / scales[column]).rounded(.toNearestOrEven))
      }
    }
  }
}
