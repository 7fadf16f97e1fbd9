/// General products by `cblas_sgemm`, on the calling thread.
///
/// Empty products never reach the library. If it failed its self-test, the SIMD kernels compute.
package struct OpenBLASMultiplier: MatrixMultiplier {
  private let chosenLibrary: OpenBLAS?

  /// The library that computes. The process's library is set up at its first use: a program that only uses
  /// other backends never enters it.
  package var library: OpenBLAS { chosenLibrary ?? .shared }

  /// - Parameter library: nil for the process's library.
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
