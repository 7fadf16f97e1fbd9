/// One panel of a matrix: 32 neighboring columns, row after row, in a weight format.
struct Panel {
  let format: WeightFormatRow
  /// `[row, 32]`.
  let elements: UnsafeRawPointer
  /// `[block of rows, 32]`; nil for formats without scales.
  let scales: UnsafePointer<Float>?
  /// The number of rows that share a scale.
  let blockLength: Int

  /// An element and its scale.
  subscript(row: Int, column: Int) -> (element: Float, scale: Float) {
    (
      format.value(elements, row * PanelProduct.width + column),
      scales.map { $0[row / blockLength * PanelProduct.width + column] } ?? 1
    )
  }

  /// target ← factor · the first `rowCount` elements of a column.
  func copyColumn(
    _ column: Int, rowCount: Int, times factor: Float, into target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rowCount {
      let (element, scale) = self[row, column]
      target[row] = element * scale * factor
    }
  }

  /// A range of rows as float32: in place, or converted into `memory`.
  func floats(
    _ rows: Range<Int>, _ kernels: some Kernels, memory: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let width = PanelProduct.width
    let start = elements + format.byteCount(rows.lowerBound * width)
    guard let toFloats = format.toFloats else { return start.assumingMemoryBound(to: Float.self) }
    toFloats(kernels, start, rows.count * width, memory)
    if let scales {
      for row in rows {
        kernels.multiply(
          UnsafeMutableBufferPointer(start: memory + (row - rows.lowerBound) * width, count: width),
          by: scales + row / blockLength * width)
      }
    }
    return UnsafePointer(memory)
  }
}

extension PanelProduct {
  /// The panel at an index.
  func panel(_ index: Int) -> Panel {
    Panel(
      format: formatRow, elements: panels + formatRow.byteCount(index * panel_stride),
      scales: scales.map { $0 + index * scale_stride }, blockLength: group)
  }
}
