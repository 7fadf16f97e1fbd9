/// A constant matrix `[k, n]` in panels, the form in which it is multiplied: packed once, when a layer is
/// made.
struct PanelMatrix: Sendable {
  /// k.
  let rowCount: Int
  /// n.
  let columnCount: Int
  private let storage: TensorStorage

  /// The transposition of `weight`, `[n, k]`, as PyTorch stores the weight of a linear layer.
  ///
  /// - Throws: `AttentionError.memory`.
  init(transposing weight: Tensor) throws {
    let (n, k) = (weight.shape[0], weight.shape[1])
    rowCount = k
    columnCount = n
    storage = try TensorStorage(
      uninitializedCount: PanelProduct.scalarCount(k: k, n: n),
      purpose: "a weight of shape \(weight.shape) in panels")
    let loops = Compute.current.backend.kernels.loops
    let panels = storage.base
    weight.withUnsafeBase { loops.packColumns($0, stride: k, n: n, k: k, into: panels) }
  }

  /// The matrix as it was given, `[n, k]`: a copy.
  ///
  /// - Throws: `AttentionError.memory`.
  func transposed() throws -> Tensor {
    let (n, k, width) = (columnCount, rowCount, PanelProduct.width)
    return try Tensor(shape: [n, k]) { weight in
      for column in 0..<n {
        let panel = storage.base + column / width * width * k + column % width
        for row in 0..<k { weight[column * k + row] = panel[row * width] }
      }
    }
  }

  /// The product of rows of k scalars with this matrix. The pointer to it is valid as long as this value
  /// is.
  func product(
    rowCount m: Int, of a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>
  ) -> PanelProduct {
    PanelProduct(
      m: m, n: columnCount, k: rowCount, a: a, aStride: rowCount, panels: storage.base,
      panelStride: PanelProduct.width * rowCount, c: c, cStride: columnCount)
  }
}
