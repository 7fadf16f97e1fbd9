/// Multiplies float32 matrices for `NativeKernels`. Backends that use the C kernels differ only in
/// their multiplier.
package protocol MatrixMultiplier: Sendable {
  /// C ← α · op(A) · op(B) + β · C.
  ///
  /// - Throws: `AttentionError.memory`.
  func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws

  /// C ← f(α · A P + bias + addend), or C ← C + α · A P, with float32 panels. The default calls the
  /// SIMD kernel of `kernels`.
  func multiply(_ product: PanelProduct, with kernels: NativeKernels)
}

extension MatrixMultiplier {
  package func multiply(_ product: PanelProduct, with kernels: NativeKernels) {
    kernels.multiplyInSIMD(product)
  }
}

/// Computes every product with the SIMD kernels of this package, without BLAS.
package struct SIMDMultiplier: MatrixMultiplier {
  package init() {}

  package func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
    try kernels.multiplyInPanels(product)
  }
}
