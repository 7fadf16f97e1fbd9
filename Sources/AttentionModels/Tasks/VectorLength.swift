import Attention

extension UnsafeBufferPointer<Float> {
  /// max(|x|, 1e-12), as in PyTorch's `normalize`: dividing a zero vector by it leaves zeros.
  var boundedLength: Double {
    Swift.max(reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(), 1e-12)
  }
}

extension Tensor {
  /// Scales each row of this matrix to length 1. A row of zeros stays zero.
  mutating func normalizeRows() throws {
    let size = shape[1]
    guard size > 0 else { return }
    try withUnsafeMutableScalars { scalars in
      for start in stride(from: 0, to: scalars.count, by: size) {
        let row = UnsafeMutableBufferPointer(rebasing: scalars[start..<start + size])
        let divisor = Float(UnsafeBufferPointer(row).boundedLength)
        for feature in row.indices { row[feature] /= divisor }
      }
    }
  }
}
