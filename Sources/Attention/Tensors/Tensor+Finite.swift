extension Tensor {
  /// Whether no number is NaN or infinite.
  package var isFinite: Bool { withUnsafeScalars(Backend.current.kernels.isFinite) }
}
