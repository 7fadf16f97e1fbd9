/// A constant matrix `[k, n]`, packed in panels for products. It is packed once, when a layer is
/// created.
struct PanelMatrix: Sendable {
  /// k.
  let rowCount: Int
  /// n.
  let columnCount: Int
  let format: WeightFormat
  /// The panels, with elements of the format.
  private let storage: TensorStorage
  private let scales: TensorStorage?

  /// Uninitialized memory for a matrix; `fill(from:_:)` must follow.
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
    // Whole panels fill whole bytes.
    let byteCount = try product(product(wholeWidth, k) / 8, format.row.bitsPerWeight)
    rowCount = k
    columnCount = n
    self.format = format
    storage = try TensorStorage(
      lastingCount: byteCount / 4 + (byteCount % 4 == 0 ? 0 : 1), purpose: purpose)
    let blockCount = format.blockCount(inputSize: k)
    scales =
      blockCount == 0
      ? nil
      : try TensorStorage(
        uninitializedCount: product(wholeWidth, blockCount), purpose: "the scales of \(purpose)")
  }

  /// A matrix whose scalars `read` provides, one part at a time, on several threads.
  ///
  /// - Parameters:
  ///   - layout: the axes of the stored weight.
  ///   - read: writes the given rows and columns of the stored weight, one row after the other.
  /// - Throws: `AttentionError.memory`; `AttentionError.argument` naming "weight" for a scalar that
  ///   the format cannot hold; rethrows errors of `read`.
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

  /// The size of the panels and their scales, in bytes.
  var byteCount: Int { (storage.count + (scales?.count ?? 0)) * MemoryLayout<Float>.stride }

  /// The addresses of a panel and its scales.
  func memory(ofPanel index: Int) -> (
    elements: UnsafeMutableRawPointer, scales: UnsafeMutablePointer<Float>?
  ) {
    let width = PanelProduct.width
    let scaleStride = format.blockCount(inputSize: rowCount) * width
    return (
      UnsafeMutableRawPointer(storage.base) + format.row.byteCount(index * width * rowCount),
      scales.map { $0.base + index * scaleStride }
    )
  }

  /// target ← factor · a column of the matrix, the weights of one output feature.
  func copyColumn(_ column: Int, times factor: Float, into target: UnsafeMutablePointer<Float>) {
    let (elements, scales) = memory(ofPanel: column / PanelProduct.width)
    Panel(
      format: format.row, elements: elements, scales: scales.map { UnsafePointer($0) },
      blockLength: format.blockLength(inputSize: rowCount)
    ).copyColumn(column % PanelProduct.width, rowCount: rowCount, times: factor, into: target)
  }

  /// A float32 copy of the transposed matrix, `[n, k]`.
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

  /// The product of `m` rows of k scalars with this matrix. It is valid only while this value exists.
  func product(
    rowCount m: Int, of a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    var product = PanelProduct(
      m: m, n: columnCount, k: rowCount, a: a, aStride: rowCount, panels: storage.base,
      panelStride: PanelProduct.width * rowCount, c: c, cStride: columnCount)
    product.setFormat(format, scales: scales.map { UnsafePointer($0.base) })
    return product
  }
}
