/// Multiplies float32 matrices for `NativeKernels`: the one decision in which the backends over the kernels
/// in C differ.
package protocol MatrixMultiplier: Sendable {
  /// C ← α · op(A) · op(B) + β · C.
  ///
  /// - Throws: `AttentionError.memory`.
  func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws

  /// C ← f(α · A P + bias + addend), or C ← C + α · A P, with panels of float32. The default is the SIMD
  /// kernel of `kernels`.
  func multiply(_ product: PanelProduct, with kernels: NativeKernels)
}

extension MatrixMultiplier {
  package func multiply(_ product: PanelProduct, with kernels: NativeKernels) {
    kernels.multiplyInSIMD(product)
  }
}

/// The package's own SIMD kernels for every product: no BLAS call.
package struct SIMDMultiplier: MatrixMultiplier {
  package init() {}

  package func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
    try kernels.multiplyInPanels(product)
  }
}
