/// The default backend: `cblas_sgemm` on the calling thread.
///
/// Empty products never reach the library, and none does when it failed its self-test: then
/// `PortableKernels` computes.
package struct OpenBLASKernels: Kernels {
  /// The library that computes.
  package let library: OpenBLAS

  package init(library: OpenBLAS = .shared) {
    self.library = library
  }

  /// C ← α · op(A) · op(B) + β · C.
  package func multiply(_ product: MatrixProduct) {
    if product.isScaling {
      product.scaleC()
    } else if library.isTrusted {
      library.multiply(product)
    } else {
      PortableKernels().multiply(product)
    }
  }
}
