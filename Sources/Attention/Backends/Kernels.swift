/// What a backend computes: the matrix product, and the few loops over rows that attention needs.
///
/// Only `multiply` must be written; the others default to the vectorised Swift of `VectorMath`. Every
/// method works on one thread, on memory that its caller owns, and cannot fail: sizes are checked
/// before.
package protocol Kernels: Sendable {
  /// C ← α · op(A) · op(B) + β · C.
  func multiply(_ product: MatrixProduct)
}
