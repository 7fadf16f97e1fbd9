/// The backend in pure Swift: no C library on its path, the same results on every machine.
///
/// The product is blocked as in BLIS. Slices of B are packed into panels of 8 columns that stay in
/// the second-level cache; 4 rows of A at a time are packed into a panel that stays in the first;
/// a micro-kernel multiplies one by the other into a 4 by 8 tile of C held in registers. Packing
/// is also what absorbs transposition and leading dimensions. Products of few rows or columns do
/// not earn back their packing and are computed in place.
///
/// Multiplication and addition are rounded separately: a fused multiply-add is a library call on
/// x86-64 processors as old as the ones a package without `-march` is compiled for.
///
/// - Source: Goto and van de Geijn 2008; Van Zee and van de Geijn 2015 (BLIS).
package struct PortableKernels: Kernels {
  package init() {}

  /// C ← α · op(A) · op(B) + β · C.
  package func multiply(_ product: MatrixProduct) {
    if product.isScaling {
      product.scaleC()
    } else if product.suitsDirectPath {
      product.multiplyDirectly()
    } else {
      product.multiplyPacked()
    }
  }

  package var loops: any VectorLoops { PortableLoops() }
}
