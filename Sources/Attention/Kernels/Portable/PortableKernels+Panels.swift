extension Kernels {
  package var tileRows: Int { Tile.rowCount }

  package func quantizedFloatCount(_ product: PanelProduct) -> Int { product.quantizedInputCount }

  package func quantizeInputs(
    of product: inout PanelProduct, into memory: UnsafeMutablePointer<Float>
  ) {
    product.quantizeInputsToFloats(into: memory, self)
  }

  /// Computes one tile of C at a time: 4 rows of A times 8 columns of a panel, over one K-block.
  package func multiply(_ product: PanelProduct) {
    let depth = Tuning.Portable.kBlock
    withUnsafeTemporaryAllocation(of: Float.self, capacity: depth * PanelProduct.width) {
      guard let floats = $0.baseAddress else { return }
      multiply(product, kBlock: depth, converted: floats)
    }
  }

  private func multiply(
    _ product: PanelProduct, kBlock: Int, converted floats: UnsafeMutablePointer<Float>
  ) {
    for first in stride(from: 0, to: product.n, by: PanelProduct.width)
    where !Cancellation.isRequested {
      let columns = min(PanelProduct.width, product.n - first)
      let panel = product.panel(first / PanelProduct.width)
      // If C itself is the addend, the first K-block adds to C as well.
      var adds = product.accumulates || product.addend == UnsafePointer(product.c)
      for start in stride(from: 0, to: max(product.k, 1), by: kBlock) {
        let depth = min(kBlock, product.k - start)
        let rows = panel.floats(start..<start + depth, self, memory: floats)
        for row in stride(from: 0, to: product.m, by: Tile.rowCount) {
          let rowCount = min(Tile.rowCount, product.m - row)
          for offset in stride(from: 0, to: columns, by: Tile.columnCount) {
            Tile(
              depth: depth, rowCount: rowCount,
              a: product.a + row * product.a_stride + start, aStride: product.a_stride,
              b: rows + offset, bStride: PanelProduct.width
            ).write(
              to: product.c + row * product.c_stride + first + offset,
              leadingDimension: product.c_stride, rowCount: rowCount,
              columnCount: min(Tile.columnCount, columns - offset), alpha: product.alpha,
              beta: adds ? 1 : 0)
          }
        }
        adds = true
      }
      finish(product, columns: first..<first + columns)
    }
  }

  package func finish(_ product: PanelProduct) { finish(product, columns: 0..<product.n) }

  /// C ← f(C + bias + addend) for these columns.
  private func finish(_ product: PanelProduct, columns: Range<Int>) {
    let (bias, addend) = (product.bias, product.addend)
    guard !product.accumulates, bias != nil || addend != nil || product.function != nil
    else { return }
    let addsElsewhere = addend != nil && addend != UnsafePointer(product.c)
    for row in 0..<product.m {
      let c = UnsafeMutableBufferPointer(
        start: product.c + row * product.c_stride + columns.lowerBound, count: columns.count)
      if let bias { add(c, bias + columns.lowerBound) }
      if let addend, addsElsewhere {
        add(c, addend + row * product.addend_stride + columns.lowerBound)
      }
      if let activation = product.function { activate(c, activation) }
    }
  }

  package func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, width: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    // Four neighboring columns at a time, over rows whose part of the panel stays in the first-level
    // cache; zeros beyond the last column.
    for panel in Swift.stride(from: 0, to: n, by: width) {
      for rows in blocks(of: 0..<k, length: 64) {
        for first in Swift.stride(from: panel, to: panel + width, by: 4) {
          let target = panels + panel * k + first - panel
          let columns = x + first * stride
          if first + 4 <= n {
            for row in rows {
              let values = target + row * width
              values[0] = columns[row]
              values[1] = columns[stride + row]
              values[2] = columns[2 * stride + row]
              values[3] = columns[3 * stride + row]
            }
          } else {
            for row in rows {
              for column in 0..<4 {
                target[row * width + column] =
                  first + column < n ? columns[column * stride + row] : 0
              }
            }
          }
        }
      }
    }
  }

  package func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, width: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    for first in Swift.stride(from: 0, to: n, by: width) {
      let columns = min(width, n - first)
      for row in 0..<k {
        let target = panels + (first / width * k + row) * width
        target.update(from: x + row * stride + first, count: columns)
        (target + columns).update(repeating: 0, count: width - columns)
      }
    }
  }

  package func store(_ panel: PanelConversion, as format: WeightFormat) -> Bool {
    guard let fromFloats = format.row.fromFloats else { return true }
    return fromFloats(self, panel)
  }
}
