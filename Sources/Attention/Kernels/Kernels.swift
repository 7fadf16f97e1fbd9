/// What a backend computes on one thread: matrix products, and the loops that BLAS has no name for.
///
/// Every method works on memory that its caller owns, and cannot fail: sizes are checked before.
package protocol Kernels: Sendable {
  /// C ← α · op(A) · op(B) + β · C.
  func multiply(_ product: MatrixProduct)

  /// Everything else.
  var loops: any VectorLoops { get }
}

/// The loops over rows of scalars, products with matrices in panels, and the passes of attention.
///
/// Everything defaults to Swift: that is the portable backend, and the readable twin of the loops in
/// C.
package protocol VectorLoops: Sendable {
  /// As many rows as a product with panels computes at a time; fewer cost more each.
  var tileRows: Int { get }

  // MARK: Rows

  /// The largest scalar of `row`, NaN ignored; −∞ for an empty row.
  func maximum(_ row: UnsafeBufferPointer<Float>) -> Float

  /// Whether neither ∞ nor NaN is among the scalars.
  func isFinite(_ row: UnsafeBufferPointer<Float>) -> Bool

  /// rowᵢ ← e^(rowᵢ − shift), in place; returns their sum.
  func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float

  /// row ← softmax(row), in place: e^(rowᵢ − max) / Σ. A row of only −∞ becomes zeros.
  func softmax(_ row: UnsafeMutableBufferPointer<Float>)

  /// rowᵢ ← f(rowᵢ), in place.
  func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation)

  /// rowᵢ ← rowᵢ + addendᵢ.
  func add(_ row: UnsafeMutableBufferPointer<Float>, _ addend: UnsafePointer<Float>)

  /// rowᵢ ← rowᵢ · factorᵢ.
  func multiply(_ row: UnsafeMutableBufferPointer<Float>, by factors: UnsafePointer<Float>)

  /// rowᵢ ← rowᵢ · factor.
  func scale(_ row: UnsafeMutableBufferPointer<Float>, by factor: Float)

  /// rowᵢ ← rowᵢ / divisor.
  func divide(_ row: UnsafeMutableBufferPointer<Float>, by divisor: Float)

  /// rowᵢ ← (rowᵢ − mean) / √(variance + ε) · weightᵢ + biasᵢ, in place.
  func layerNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float)

  /// rowᵢ ← rowᵢ / √(mean of the squares + ε) · weightᵢ, in place.
  func rmsNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>, epsilon: Float)

  /// rowᵢ ← the value of a bfloat16 pattern.
  func convertFromBFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>)

  /// rowᵢ ← the value of a binary16 pattern.
  func convertFromFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>)

  /// bitsᵢ ← the bfloat16 pattern nearest to rowᵢ; false where a finite one became infinite.
  func convertToBFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool

  /// bitsᵢ ← the binary16 pattern nearest to rowᵢ; false where a finite one became infinite.
  func convertToFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool

  // MARK: Panels

  /// C ← f(α · A P + bias + addend), or C ← C + α · A P.
  func multiply(_ product: PanelProduct)

  /// The scalars of room that rounding the inputs of a product takes.
  func roundedScalarCount(_ product: PanelProduct) -> Int

  /// Makes the product one of A rounded as its weights are; see `LayerInputs`.
  ///
  /// - Parameter room: where the rounded A goes, to stay as long as the product is computed.
  func roundInputs(of product: inout PanelProduct, into room: UnsafeMutablePointer<Float>)

  /// The panels of a matrix `[k, n]` whose n columns lie as rows of k scalars, `stride` apart.
  func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  )

  /// The panels of a matrix `[k, n]` whose k rows lie `stride` apart.
  func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  )

  /// Whole numbers and scales for `rowCount` rows of a panel, all of them finite:
  ///
  ///     scale[c] = max(max |panel[r, c]| / 127, 2⁻¹²⁶)    whole[r, c] = panel[r, c] / scale[c], rounded
  func quantize(
    _ panel: UnsafePointer<Float>, rowCount: Int, scales: UnsafeMutablePointer<Float>,
    into whole: UnsafeMutablePointer<Int8>)

  // MARK: Attention

  /// Scores become weights, and what is known of their rows goes on.
  func applySoftmax(_ tile: SoftmaxTile)

  /// result[r, j] ← scale · row r · key j.
  func scoreKeys(_ product: RowProduct)

  /// result[r] ← result[r] + Σⱼ row r[j] · value j.
  func addWeightedValues(_ product: RowProduct)
}

/// The shift of a softmax whose largest score is `maximum`. A row of only −∞ has e^(−∞ − 0) = 0, where
/// −∞ − (−∞) would be NaN.
func asShift(_ maximum: Float) -> Float { maximum == -.infinity ? 0 : maximum }
