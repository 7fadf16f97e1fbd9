/// A float32 panel, and memory for the converted panel.
package struct PanelConversion {
  /// `[rowCount, 32]`.
  let floats: UnsafePointer<Float>
  let rowCount: Int
  let elements: UnsafeMutableRawPointer
  /// `[block of rows, 32]`; nil for formats without scales.
  let scales: UnsafeMutablePointer<Float>?
  /// The number of rows that share a scale.
  let blockLength: Int

  package init(
    floats: UnsafePointer<Float>, rowCount: Int, elements: UnsafeMutableRawPointer,
    scales: UnsafeMutablePointer<Float>?, blockLength: Int
  ) {
    self.floats = floats
    self.rowCount = rowCount
    self.elements = elements
    self.scales = scales
    self.blockLength = blockLength
  }

  var all: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: floats, count: rowCount * PanelProduct.width)
  }

  /// Converts to integers with one scale for each column of a block:
  ///
  ///     scale[c] = max(max |x[r, c]| / 127, 2⁻¹²⁶)    integer[r, c] = round(x[r, c] / scale[c])
  func quantizeToInt8() {
    guard let scales else { return }
    let width = PanelProduct.width
    let integers = elements.bindMemory(to: Int8.self, capacity: all.count)
    // Write at least one block of scales, because products read it even without rows.
    for start in stride(from: 0, to: max(rowCount, 1), by: blockLength) {
      for column in 0..<width {
        let rows = start..<min(start + blockLength, rowCount)
        let indices = rows.lazy.map { $0 * width + column }
        let largest = indices.reduce(0) { max($0, floats[$1].magnitude) }
        // With a subnormal scale, a quotient could exceed 127; with a scale of 0, it would be NaN.
        let scale = max(largest / 127, .leastNormalMagnitude)
        scales[start / blockLength * width + column] = scale
        for index in indices {
          integers[index] = Int8((floats[index] / scale).rounded(.toNearestOrEven))
        }
      }
    }
  }
}
