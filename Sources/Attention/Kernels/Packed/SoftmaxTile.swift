import CKernels

/// One tile of an online softmax: replaces R rows of scores S by weights P, and updates each row's
/// largest score m, sum l and output O. The C kernels read this struct.
///
///     m′ = max(m, max S)    P = exp(S − m′)    a = exp(m − m′)    l ← a · l + Σ P    O ← a · O
///
/// - Source: Milakov & Gimelshein 2018.
package typealias SoftmaxTile = vector_softmax_tile

extension SoftmaxTile {
  /// - Parameters:
  ///   - scores: S, then P, `[rows, columns]`.
  ///   - maximum: m, `[rows]`.
  ///   - sum: l, `[rows]`.
  ///   - output: O, `[rows, outputColumns]`.
  package init(
    rows: Int, columns: Int, scores: UnsafeMutablePointer<Float>, scoreStride: Int,
    maximum: UnsafeMutablePointer<Float>, sum: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputColumns: Int, outputStride: Int
  ) {
    self.init(
      rows: rows, columns: columns, scores: scores, score_stride: scoreStride, row_max: maximum,
      row_sum: sum, output: output, output_columns: outputColumns, output_stride: outputStride)
  }
}
