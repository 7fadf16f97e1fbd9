/// The default backend: `cblas_sgemm` on the calling thread.
///
/// Empty products never reach the library, and none does when it failed its self-test: then
/// `PortableKernels` computes.
package struct OpenBLASKernels: Kernels {
  private let chosenLibrary: OpenBLAS?

  /// The library that computes. The process's own is set up when it is first asked for, so that a
  /// program which only uses other backends never enters it.
  package var library: OpenBLAS { chosenLibrary ?? .shared }

  /// - Parameter library: nil for the process's own.
  package init(library: OpenBLAS? = nil) {
    chosenLibrary = library
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

  /// The loops in C, with the widest vectors that the processor has.
  package var loops: any VectorLoops { CVectorLoops.best }
}
