/// A constant matrix `[k, n]` in panels, the form in which it is multiplied: packed once, when a layer is
/// made.
struct PanelMatrix: Sendable {
  /// k.
  let rowCount: Int
  /// n.
  let columnCount: Int
  let format: WeightFormat
  /// The panels, whatever their elements are.
  private let storage: TensorStorage
  private let scales: TensorStorage?

  /// Room for a matrix, for `fill(from:_:)` to fill before anyone reads.
  ///
  /// - Throws: `AttentionError.memory`, `AttentionError.overflow`.
  private init(uninitializedRowCount k: Int, columnCount n: Int, format: WeightFormat) throws {
    let purpose = "a weight of shape [\(n), \(k)] in panels"
    let width = PanelProduct.width
    func product(_ a: Int, _ b: Int) throws -> Int {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      guard !overflow else { throw AttentionError.overflow(purpose) }
      return product
    }
    let wholeWidth = try product((n / width) + (n % width == 0 ? 0 : 1), width)
    let byteCount = try product(product(wholeWidth, k), format.elementByteCount)
    rowCount = k
    columnCount = n
    self.format = format
    storage = try TensorStorage(
      lastingCount: byteCount / 4 + (byteCount % 4 == 0 ? 0 : 1), purpose: purpose)
    let groupCount = format.groupCount(inputSize: k)
    scales =
      groupCount == 0
      ? nil
      : try TensorStorage(
        uninitializedCount: product(wholeWidth, groupCount), purpose: "the scales of \(purpose)")
  }

  /// The matrix whose scalars `read` brings, some of them at a time and on several threads.
  ///
  /// - Parameters:
  ///   - layout: which way the scalars lie.
  ///   - read: writes the given rows and columns, as they lie, one row after the other.
  /// - Throws: `AttentionError.memory`; `AttentionError.argument` naming "weight" for a scalar that the
  ///   format cannot hold; what `read` throws.
  init(
    rowCount: Int, columnCount: Int, format: WeightFormat, layout: WeightLayout,
    reading read: WeightReading
  ) throws {
    try self.init(uninitializedRowCount: rowCount, columnCount: columnCount, format: format)
    try fill(from: layout, read)
  }

  /// The transposition of `weight`, `[n, k]`, as PyTorch stores the weight of a linear layer.
  ///
  /// - Throws: `AttentionError.memory`; `AttentionError.argument` naming "weight" for a scalar that the
  ///   format cannot hold.
  init(transposing weight: Tensor, format: WeightFormat) throws {
    let k = weight.shape[1]
    try self.init(
      rowCount: k, columnCount: weight.shape[0], format: format, layout: .outputInput
    ) { rows, _, target in
      weight.withUnsafeBase { target.update(from: $0 + rows.lowerBound * k, count: rows.count * k) }
    }
  }

  /// How many bytes the panels and their scales take.
  var byteCount: Int { (storage.count + (scales?.count ?? 0)) * MemoryLayout<Float>.stride }

  /// Where a panel begins, and its scales.
  func memory(ofPanel index: Int) -> (
    elements: UnsafeMutableRawPointer, scales: UnsafeMutablePointer<Float>?
  ) {
    let width = PanelProduct.width
    let scaleStride = format.groupCount(inputSize: rowCount) * width
    return (
      UnsafeMutableRawPointer(storage.base) + index * width * rowCount * format.elementByteCount,
      scales.map { $0.base + index * scaleStride }
    )
  }

  /// Writes a column of the matrix, times a factor: an output feature's weights.
  func copyColumn(_ column: Int, times factor: Float, into target: UnsafeMutablePointer<Float>) {
    let (elements, scales) = memory(ofPanel: column / PanelProduct.width)
    Panel(
      format: format, elements: elements, scales: scales.map { UnsafePointer($0) },
      groupLength: format.groupLength(inputSize: rowCount) ?? 1
    ).copyColumn(column % PanelProduct.width, rowCount: rowCount, times: factor, into: target)
  }

  /// The matrix as it is kept, `[n, k]`: a copy.
  ///
  /// - Throws: `AttentionError.memory`.
  func transposed() throws -> Tensor {
    try Tensor(shape: [columnCount, rowCount]) { weight in
      guard let base = weight.baseAddress else { return }
      for column in 0..<columnCount {
        copyColumn(column, times: 1, into: base + column * rowCount)
      }
    }
  }

  /// The product of rows of k scalars with this matrix. The pointer to it is valid as long as this value
  /// is.
  func product(
    rowCount m: Int, of a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = PanelProduct(
      m: m, n: columnCount, k: rowCount, a: a, aStride: rowCount, panels: storage.base,
      panelStride: PanelProduct.width * rowCount, c: c, cStride: columnCount)
    product.format = format
    product.scales = scales.map { UnsafePointer($0.base) }
    return product
  }
}
