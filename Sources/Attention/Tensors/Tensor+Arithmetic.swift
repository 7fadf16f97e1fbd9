extension Tensor {
  /// Adds `other`, scalar by scalar: selfᵢ ← selfᵢ + otherᵢ.
  ///
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the shapes differ;
  ///   ``AttentionError/memory(byteCount:purpose:)`` if the scalars are shared and copying them
  ///   fails.
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
