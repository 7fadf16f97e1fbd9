extension MatrixProduct {
  /// The blocked product over packed panels.
  ///
  /// 1. Take a block of B's columns, then a slice of k, and pack that part of B into panels.
  /// 2. Pack 4 rows of A over the same slice.
  /// 3. Multiply them by every panel of B, a tile of C at a time. β counts for the first slice; the
  ///    later ones add.
  func multiplyPacked() {
    PackingWorkspace.withIdle { workspace in
      for columns in blocks(of: n, atMost: PackingWorkspace.maximumWidth) {
        for slice in blocks(of: k, atMost: PackingWorkspace.maximumDepth) {
          packB(columns: columns, slice: slice, into: workspace.b)
          multiplyBlock(columns: columns, slice: slice, workspace: workspace)
        }
      }
    }
  }

  /// Passes 2 and 3: all rows of A against the packed part of B.
  private func multiplyBlock(
    columns: Range<Int>, slice: Range<Int>, workspace: PackingWorkspace
  ) {
    let sliceBeta = slice.lowerBound == 0 ? beta : 1
    let depth = slice.count
    var row = 0
    while row < m {
      let rowCount = min(Tile.rowCount, m - row)
      packA(rows: row..<row + rowCount, slice: slice, into: workspace.a)
      var column = columns.lowerBound
      var panel = UnsafePointer(workspace.b)
      while column < columns.upperBound {
        Tile(depth: depth, a: workspace.a, b: panel).write(
          to: c + row * cLeadingDimension + column, leadingDimension: cLeadingDimension,
          rowCount: rowCount, columnCount: min(Tile.columnCount, columns.upperBound - column),
          alpha: alpha, beta: sliceBeta)
        column += Tile.columnCount
        panel += 2 * depth
      }
      row += Tile.rowCount
    }
  }

  /// Packs up to 4 rows of op(A): for each p, every row's scalar repeated 4 times. Rows that A
  /// does not have are zero.
  private func packA(
    rows: Range<Int>, slice: Range<Int>, into panel: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    let (rowStride, stride) = a.strides
    for tileRow in 0..<Tile.rowCount {
      var target = panel + tileRow
      if tileRow < rows.count {
        var source =
          a.base + (rows.lowerBound + tileRow) * rowStride + slice.lowerBound * stride
        for _ in slice {
          target.pointee = SIMD4(repeating: source.pointee)
          target += Tile.rowCount
          source += stride
        }
      } else {
        for _ in slice {
          target.pointee = .zero
          target += Tile.rowCount
        }
      }
    }
  }

  /// Packs columns of op(B) into panels of 8: for each p, 8 neighbouring scalars. Columns that B
  /// does not have are zero.
  private func packB(
    columns: Range<Int>, slice: Range<Int>, into panels: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    let (stride, columnStride) = b.strides
    var target = panels
    var column = columns.lowerBound
    while column < columns.upperBound {
      let source = b.base + column * columnStride + slice.lowerBound * stride
      let count = min(Tile.columnCount, columns.upperBound - column)
      if count < Tile.columnCount {
        Self.packEdge(
          source, stride: stride, columnStride: columnStride, columnCount: count,
          depth: slice.count, into: target)
      } else if columnStride == 1 {
        Self.packRows(source, stride: stride, depth: slice.count, into: target)
      } else {
        Self.packColumns(source, columnStride: columnStride, depth: slice.count, into: target)
      }
      column += Tile.columnCount
      target += 2 * slice.count
    }
  }

  /// A panel whose 8 columns lie side by side: a copy.
  private static func packRows(
    _ source: UnsafePointer<Float>, stride: Int, depth: Int,
    into panel: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    var source = UnsafeRawPointer(source)
    var target = panel
    for _ in 0..<depth {
      target[0] = source.loadUnaligned(as: SIMD4<Float>.self)
      target[1] = source.loadUnaligned(fromByteOffset: 16, as: SIMD4<Float>.self)
      source += stride * MemoryLayout<Float>.stride
      target += 2
    }
  }

  /// A panel whose 8 columns are rows of the stored matrix: a transposition.
  private static func packColumns(
    _ source: UnsafePointer<Float>, columnStride: Int, depth: Int,
    into panel: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    for half in 0..<2 {
      let s0 = source + 4 * half * columnStride
      let s1 = s0 + columnStride
      let s2 = s1 + columnStride
      let s3 = s2 + columnStride
      for p in 0..<depth {
        panel[2 * p + half] = SIMD4(s0[p], s1[p], s2[p], s3[p])
      }
    }
  }

  private static func packEdge(
    _ source: UnsafePointer<Float>, stride: Int, columnStride: Int, columnCount: Int, depth: Int,
    into panel: UnsafeMutablePointer<SIMD4<Float>>
  ) {
    for p in 0..<depth {
      var values = SIMD8<Float>.zero
      for column in 0..<columnCount {
        values[column] = source[p * stride + column * columnStride]
      }
      panel[2 * p] = values.lowHalf
      panel[2 * p + 1] = values.highHalf
    }
  }
}

/// `0..<extent` cut into ranges of at most `limit`, as equal as can be, so that none is a sliver;
/// all but the last are multiples of a tile's 8 columns, as `limit` must be.
func blocks(of extent: Int, atMost limit: Int) -> some Sequence<Range<Int>> {
  let count = max(1, (extent + limit - 1) / limit)
  let tiles = (extent + count * Tile.columnCount - 1) / (count * Tile.columnCount)
  let length = max(1, tiles) * Tile.columnCount
  return stride(from: 0, to: extent, by: length).lazy.map { $0..<min($0 + length, extent) }
}
