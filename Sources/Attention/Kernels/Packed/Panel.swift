/// One panel of a matrix: 32 neighbouring columns, row after row, in some format.
struct Panel {
  let format: WeightFormat
  /// `[row, 32]`.
  let elements: UnsafeRawPointer
  /// `[group of rows, 32]`; nil where elements are not whole numbers.
  let scales: UnsafePointer<Float>?
  /// The rows of a group.
  let groupLength: Int

  /// An element, and what to multiply it by.
  subscript(row: Int, column: Int) -> (element: Float, scale: Float) {
    let index = row * PanelProduct.width + column
    switch format {
    case .float32: return (elements.assumingMemoryBound(to: Float.self)[index], 1)
    case .bfloat16: return (HalfPrecision.float(fromBFloat16: bits[index]), 1)
    case .float16: return (HalfPrecision.float(fromFloat16: bits[index]), 1)
    case .int8, .int8Groups:
      let whole = elements.assumingMemoryBound(to: Int8.self)[index]
      return (Float(whole), scales?[row / groupLength * PanelProduct.width + column] ?? 1)
    }
  }

  /// The first `rowCount` elements of a column, times a factor.
  func copyColumn(
    _ column: Int, rowCount: Int, times factor: Float, into target: UnsafeMutablePointer<Float>
  ) {
    let width = PanelProduct.width
    switch format {
    case .float32:
      let floats = elements.assumingMemoryBound(to: Float.self) + column
      for row in 0..<rowCount { target[row] = floats[row * width] * factor }
    case .bfloat16:
      for row in 0..<rowCount {
        target[row] = HalfPrecision.float(fromBFloat16: bits[row * width + column]) * factor
      }
    case .float16:
      for row in 0..<rowCount {
        target[row] = HalfPrecision.float(fromFloat16: bits[row * width + column]) * factor
      }
    case .int8, .int8Groups:
      for row in 0..<rowCount {
        let (element, scale) = self[row, column]
        target[row] = element * scale * factor
      }
    }
  }

  /// Some rows as Float32: where they lie, or widened into `room`.
  func floats(
    _ rows: Range<Int>, _ loops: some VectorLoops, room: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let start = rows.lowerBound * PanelProduct.width
    let count = rows.count * PanelProduct.width
    switch format {
    case .float32: return elements.assumingMemoryBound(to: Float.self) + start
    case .bfloat16:
      loops.convertFromBFloat16(UnsafeBufferPointer(start: bits + start, count: count), into: room)
    case .float16:
      loops.convertFromFloat16(UnsafeBufferPointer(start: bits + start, count: count), into: room)
    case .int8, .int8Groups:
      for row in rows {
        for column in 0..<PanelProduct.width {
          let (element, scale) = self[row, column]
          room[(row - rows.lowerBound) * PanelProduct.width + column] = element * scale
        }
      }
    }
    return UnsafePointer(room)
  }

  private var bits: UnsafePointer<UInt16> { elements.assumingMemoryBound(to: UInt16.self) }
}

extension PanelProduct {
  /// The panel at an index.
  func panel(_ index: Int) -> Panel {
    Panel(
      format: format, elements: panels + index * panelStride * format.elementByteCount,
      scales: scales.map { $0 + index * scaleStride },
      groupLength: format.groupLength(inputSize: k) ?? 1)
  }
}
