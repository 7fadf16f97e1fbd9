/// The operations that a backend implements, each on one thread: a ``Backend`` is one value of this type.
///
/// Everything that an implementation may replace is a requirement. The defaults, in `Portable`, are
/// pure Swift: they are the portable backend, and the readable twin of the kernels in C.
///
/// Kernels work on memory of the caller and trust the sizes that they are given.
package protocol Kernels: Sendable {
  /// The rows that a product with panels computes at a time. A product of fewer rows costs more a row.
  var tileRows: Int { get }

  // MARK: Matrix products

  /// C ← α · op(A) · op(B) + β · C.
  ///
  /// - Throws: `AttentionError.memory`.
  func multiply(_ product: MatrixProduct) throws

  /// C ← f(α · A P + bias + addend), or C ← C + α · A P, P being packed in panels.
  func multiply(_ product: PanelProduct)

  /// The floats of memory that `quantizeInputs(of:into:)` needs for a product.
  func quantizedFloatCount(_ product: PanelProduct) -> Int

  /// Replaces A by its quantized values; see `LayerInputs.rounded`.
  ///
  /// - Parameter memory: for the quantized A; in use for as long as the product is.
  func quantizeInputs(of product: inout PanelProduct, into memory: UnsafeMutablePointer<Float>)

  /// Packs a matrix `[k, n]`, given as n columns of k scalars that are `stride` apart, into panels.
  func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  )

  /// Packs a matrix `[k, n]`, given as k rows of n scalars that are `stride` apart, into panels.
  func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  )

  /// Stores a panel of float32 in a weight format; false where the format cannot hold a number.
  func store(_ panel: PanelConversion, as format: WeightFormat) -> Bool

  // MARK: Rows

  /// The largest scalar of `row`, NaN ignored; −∞ for an empty row.
  func maximum(_ row: UnsafeBufferPointer<Float>) -> Float

  /// Whether no scalar is ∞ or NaN.
  func isFinite(_ row: UnsafeBufferPointer<Float>) -> Bool

  /// rowᵢ ← e^(rowᵢ − shift), in place; returns their sum.
  func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float

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

  /// bitsᵢ ← the bfloat16 pattern nearest to rowᵢ; false where a finite number became infinite.
  func convertToBFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool

  /// bitsᵢ ← the binary16 pattern nearest to rowᵢ; false where a finite number became infinite.
  func convertToFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool

  // MARK: Attention

  /// One step of an online softmax: scores become weights; m, l and O of their rows are updated.
  func applySoftmax(_ tile: SoftmaxTile)

  /// Scores of a few queries against keys in place: output[r, j] ← scale · row r · key j.
  func scoreKeys(_ product: CacheProduct)

  /// Weighted sums of values in place: output[r] ← output[r] + Σⱼ row r[j] · value j.
  func addWeightedValues(_ product: CacheProduct)

  /// The whole operator. The default works tile by tile, with memory independent of the lengths.
  ///
  /// - Parameter output: memory for the output, used where it has the right size.
  func attention(
    _ problem: AttentionProblem, threads: Int, returning results: AttentionResults,
    output: consuming Tensor?
  ) throws -> AttentionResult

  /// The derivatives of a loss by the operator's arguments, from the derivative dO by its output.
  ///
  /// - Parameter given: the result to start from; nil where the problem has all keys.
  func attentionGradients(
    _ problem: AttentionProblem, of outputGradient: Tensor, given: GivenResult?, threads: Int
  ) throws -> AttentionGradients
}

extension Kernels {
  /// row ← softmax(row), in place: e^(rowᵢ − max) / Σ. A row of only −∞ becomes zeros.
  ///
  /// One tile of the online softmax is all of it: each backend has one softmax.
  package func softmax(_ row: UnsafeMutableBufferPointer<Float>) {
    softmax(row, sink: -.infinity)
  }

  /// row ← e^(rowᵢ − m) / (Σ e^(rowᵢ − m) + e^(sink − m)), m being the largest of all.
  func softmax(_ row: UnsafeMutableBufferPointer<Float>, sink: Float) {
    guard let base = row.baseAddress else { return }
    var (maximum, sum) = (sink, sink == -.infinity ? 0 : Float(1))
    withUnsafeMutablePointer(to: &maximum) { maximum in
      withUnsafeMutablePointer(to: &sum) { sum in
        applySoftmax(
          SoftmaxTile(
            rows: 1, columns: row.count, scores: base, scoreStride: row.count, maximum: maximum,
            sum: sum, output: base, outputColumns: 0, outputStride: 0))
      }
    }
    // The sum is 0 exactly where every score is −∞.
    if sum != 0 { divide(row, by: sum) }
  }
}
