/// Multiplies float32 matrices for `NativeKernels`. Backends that use the C kernels differ only in
/// their multiplier.
///
/// The defaults call the SIMD kernels of this package.
package protocol MatrixMultiplier: Sendable {
  /// C ← α · op(A) · op(B) + β · C.
  ///
  /// - Throws: `AttentionError.memory`.
  func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws

  /// C ← f(α · A P + bias + addend), or C ← C + α · A P, with float32 panels.
  func multiply(_ product: PanelProduct, with kernels: NativeKernels)

  /// Scores of a few queries, reading the keys in place; see `Kernels.scoreKeys`.
  func scoreKeys(_ product: CacheProduct, with kernels: NativeKernels)

  /// Weighted sums of values, reading the values in place; see `Kernels.addWeightedValues`.
  func addWeightedValues(_ product: CacheProduct, with kernels: NativeKernels)

  /// The tiles of attention; nil for the tiles of the SIMD kernels.
  func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles?
}

extension MatrixMultiplier {
  package func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
    try kernels.multiplyInPanels(product)
  }

  package func multiply(_ product: PanelProduct, with kernels: NativeKernels) {
    kernels.multiplyInSIMD(product)
  }

  package func scoreKeys(_ product: CacheProduct, with kernels: NativeKernels) {
    kernels.scoreKeysInSIMD(product)
  }

  package func addWeightedValues(_ product: CacheProduct, with kernels: NativeKernels) {
    kernels.addWeightedValuesInSIMD(product)
  }

  package func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles? { nil }
}

/// Computes every product with the SIMD kernels of this package, without BLAS.
package struct SIMDMultiplier: MatrixMultiplier {
  package init() {}
}
