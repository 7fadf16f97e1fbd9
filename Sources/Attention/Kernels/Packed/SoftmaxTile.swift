/// One tile of an online softmax: R rows of scores S become weights P, and what is known of each row,
/// its largest score m, its sum l and its output O, goes on:
///
///     m′ = max(m, max S)    P = exp(S − m′)    a = exp(m − m′)    l ← a · l + Σ P    O ← a · O
///
/// - Source: Milakov & Gimelshein 2018.
package struct SoftmaxTile {
  package var rows: Int
  package var columns: Int
  /// S, then P: `[rows, columns]`.
  package var scores: UnsafeMutablePointer<Float>
  package var scoreStride: Int
  /// m and l, `[rows]`.
  package var largest: UnsafeMutablePointer<Float>
  package var total: UnsafeMutablePointer<Float>
  /// O, `[rows, outputColumns]`.
  package var output: UnsafeMutablePointer<Float>
  package var outputColumns: Int
  package var outputStride: Int
}

/// A few rows against keys or values where they lie, without packing: for decoding, which is bound by
/// memory.
///
/// Rows are those of one head of keys after the other, as many for each; a key's heads lie side by side,
/// and are read together.
package struct RowProduct {
  package var rows: Int
  /// The heads of the keys, which divide the rows.
  package var heads = 1
  package var keys: Int
  package var dimension: Int
  /// Queries `[rows, dimension]`, or weights `[rows, keys]`.
  package var base: UnsafePointer<Float>
  package var stride: Int
  /// Keys or values, `[keys, heads, dimension]`.
  package var keyBase: UnsafePointer<Float>
  package var keyStride: Int
  package var scale: Float = 1
  /// Scores `[rows, keys]`, which are overwritten, or output `[rows, dimension]`, which is added to.
  package var result: UnsafeMutablePointer<Float>
  package var resultStride: Int
}
