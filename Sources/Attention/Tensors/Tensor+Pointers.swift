extension Tensor {
  /// Calls `body` with the address of the first scalar, valid only during the call.
  func withUnsafeBase<Result>(
    _ body: (UnsafePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(storage.base + offset) }
  }

  /// Calls `body` with the address of the first scalar, which `body` may change in place.
  mutating func withUnsafeMutableBase<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) throws -> Result {
    try withUnsafeMutableScalars { scalars in
      guard let base = scalars.baseAddress else { preconditionFailure("storage has an address") }
      return try body(base)
    }
  }
}

extension Tensor? {
  /// Calls `body` with the address of the first scalar, or with nil if there is no tensor.
  mutating func withUnsafeMutableBase(
    _ body: (UnsafeMutablePointer<Float>?) throws -> Void
  ) throws {
    if self == nil { return try body(nil) }
    try self?.withUnsafeMutableScalars { try body($0.baseAddress) }
  }
}
