extension Tensor {
  /// Adds `other`, scalar by scalar.
  ///
  /// - Throws: `AttentionError.shape` unless the shapes are equal.
  public mutating func add(_ other: Tensor) throws {
    guard other.shape == shape else {
      throw AttentionError.shape(argument: "addend", expected: "\(shape)", got: other.shape)
    }
    try other.withUnsafeScalars { addend in
      try withUnsafeMutableScalars { sum in
        for index in sum.indices { sum[index] += addend[index] }
      }
    }
  }
}
