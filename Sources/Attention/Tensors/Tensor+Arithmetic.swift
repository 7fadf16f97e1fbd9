extension Tensor {
  /// Adds `other`, scalar by scalar: selfᵢ ← selfᵢ + otherᵢ.
  ///
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the shapes are equal;
  ///   ``AttentionError/memory(byteCount:purpose:)`` where the scalars are shared and must be copied.
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
