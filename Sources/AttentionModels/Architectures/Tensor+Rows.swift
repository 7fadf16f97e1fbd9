import Attention

extension Tensor {
  /// The given rows of a matrix `[row, feature]`, in this order.
  func selecting(rows: [Int]) throws -> Tensor {
    let featureCount = shape[1]
    return try Tensor(shape: [rows.count, featureCount]) { selected in
      withUnsafeScalars { scalars in
        for (index, row) in rows.enumerated() {
          _ = selected[(index * featureCount)...].initialize(
            fromContentsOf: scalars[row * featureCount..<(row + 1) * featureCount])
        }
      }
    }
  }
}
