/// Computes general products with `cblas_sgemm`, on the calling thread.
///
/// Empty products never reach the library. If the library has no memory or failed its self-test, the
/// SIMD kernels compute.
package struct OpenBLASMultiplier: MatrixMultiplier {
  private let chosenLibrary: OpenBLAS?

  /// The library in use. The process's library is set up at its first use, so programs that use only
  /// other backends never call it.
  package var library: OpenBLAS { chosenLibrary ?? .shared }

  /// - Parameter library: nil means the process's library.
  package init(library: OpenBLAS? = nil) {
    chosenLibrary = library
  }

  package func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
    if product.isScaling {
      product.scaleC()
    } else if library.isTrusted {
      library.multiply(product)
    } else {
      try kernels.multiplyInPanels(product)
    }
  }
}
