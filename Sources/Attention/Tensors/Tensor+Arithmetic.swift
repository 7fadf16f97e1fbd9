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
        try Cancellation.forEachRange(
          of: sum.count, length: Tuning.Memory.scalarsBetweenChecks
        ) {
          for index in $0 { sum[index] += addend[index] }
        }
      }
    }
  }

  /// Multiplies each scalar: selfᵢ ← factor · selfᵢ.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)`` if the scalars are shared and copying
  ///   them fails.
  package mutating func scale(by factor: Float) throws {
    try withUnsafeMutableScalars { scalars in
      try Cancellation.forEachRange(
        of: scalars.count, length: Tuning.Memory.scalarsBetweenChecks
      ) {
        for index in $0 { scalars[index] *= factor }
      }
    }
  }

  /// Limits each scalar smoothly to the range from −c to c: selfᵢ ← c · tanh(selfᵢ / c).
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)`` if the scalars are shared and copying
  ///   them fails.
  package mutating func softcap(at cap: Float) throws {
    let (count, kernels) = (count, Compute.current.backend.kernels)
    try withUnsafeMutableScalars { scalars in
      nonisolated(unsafe) let scalars = scalars
      try Workers.forEachRange(
        of: count, least: Tuning.leastScalarsOfThread, threads: Compute.current.threadCount
      ) {
        kernels.softcap(UnsafeMutableBufferPointer(rebasing: scalars[$0]), at: cap)
      }
    }
  }
}
