/// One general matrix product, C ← α · op(A) · op(B) + β · C, as BLAS's sgemm defines it.
///
/// op(A) is `[m, k]`, op(B) `[k, n]`, C `[m, n]`; all are row-major, and op is the identity or the
/// transposition. β = 0 overwrites C without reading it; α = 0 does not read A and B.
package struct MatrixProduct {
  /// An operand: its first scalar, the distance between its stored rows, and op.
  package struct Operand {
    package var base: UnsafePointer<Float>
    package var leadingDimension: Int
    package var isTransposed: Bool

    package init(
      _ base: UnsafePointer<Float>, leadingDimension: Int, isTransposed: Bool = false
    ) {
      self.base = base
      self.leadingDimension = leadingDimension
      self.isTransposed = isTransposed
    }
  }

  /// Rows of op(A) and C.
  package let m: Int
  /// Columns of op(B) and C.
  package let n: Int
  /// Columns of op(A), rows of op(B).
  package let k: Int
  package let alpha: Float
  package let a: Operand
  package let b: Operand
  package let beta: Float
  package let c: UnsafeMutablePointer<Float>
  package let cLeadingDimension: Int

  /// A product with checked sizes: BLAS itself only prints a message about invalid sizes and returns.
  ///
  /// - Throws: `AttentionError.argument` for a negative size or a leading dimension shorter than a
  ///   row; `AttentionError.overflow` for a size beyond BLAS's 32-bit integers.
  package init(
    m: Int, n: Int, k: Int, alpha: Float = 1, a: Operand, b: Operand, beta: Float = 0,
    c: UnsafeMutablePointer<Float>, cLeadingDimension: Int
  ) throws {
    for (name, size) in [("m", m), ("n", n), ("k", k)] where size < 0 {
      throw AttentionError.argument("matrix product", reason: "negative size \(name) = \(size)")
    }
    let rowLengths = [
      ("A", a.leadingDimension, a.isTransposed ? m : k),
      ("B", b.leadingDimension, b.isTransposed ? k : n),
      ("C", cLeadingDimension, n),
    ]
    for (name, leadingDimension, rowLength) in rowLengths where leadingDimension < rowLength {
      throw AttentionError.argument(
        "matrix product",
        reason:
          "leading dimension \(leadingDimension) of \(name) is less than its row of \(rowLength)"
      )
    }
    for size in [m, n, k, a.leadingDimension, b.leadingDimension, cLeadingDimension]
    where Int32(exactly: size) == nil {
      throw AttentionError.overflow("a matrix size of \(size) exceeds BLAS's \(Int32.max)")
    }
    self.init(
      uncheckedM: m, n: n, k: k, alpha: alpha, a: a, b: b, beta: beta, c: c,
      cLeadingDimension: cLeadingDimension)
  }

  /// A product whose sizes are known to be valid: a block of a larger product.
  init(
    uncheckedM m: Int, n: Int, k: Int, alpha: Float, a: Operand, b: Operand, beta: Float,
    c: UnsafeMutablePointer<Float>, cLeadingDimension: Int
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.alpha = alpha
    self.a = a
    self.b = b
    self.beta = beta
    self.c = c
    self.cLeadingDimension = cLeadingDimension
  }
}
