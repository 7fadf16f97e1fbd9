/// The operations that a backend implements; a ``Backend`` has one value of this type. Each operation
/// runs on one thread, except attention and its gradients.
///
/// Every operation that an implementation may replace is a requirement. The defaults, in `Portable`,
/// are pure Swift: they make up the portable backend and are the readable twins of the C kernels.
///
/// Kernels work on the caller's memory and do not check sizes.
package protocol Kernels: Sendable {
  /// The number of rows that a panel product computes at a time. A product of fewer rows costs more
  /// per row.
  var tileRows: Int { get }

  // MARK: Matrix products

  /// C ← α · op(A) · op(B) + β · C.
  ///
  /// - Throws: `AttentionError.memory`.
  func multiply(_ product: MatrixProduct) throws

  /// C ← f(α · A P + bias + addend), or C ← C + α · A P, where P is packed in panels. In a cancelled task, C
  /// may be incomplete: the caller checks for cancellation before it uses C. `Workers.forEach` does.
  func multiply(_ product: PanelProduct)

  /// The size of the memory that `quantizeInputs(of:into:)` needs for a product, in floats.
  func quantizedFloatCount(_ product: PanelProduct) -> Int

  /// Replaces A by its quantized values; see `LayerInputs.rounded`.
  ///
  /// - Parameter memory: receives the quantized A. It must stay valid as long as the product is used.
  func quantizeInputs(of product: inout PanelProduct, into memory: UnsafeMutablePointer<Float>)

  /// C ← f(C + bias + addend): the last step of a product with float32 panels whose α · A P another
  /// kernel has written to C, or added to C if the addend is C itself.
  func finish(_ product: PanelProduct)

  /// Packs a matrix `[k, n]` into panels of `width` columns, a multiple of 16. Columns beyond n are 0.
  /// The matrix is given as n columns of k scalars; the columns are `stride` scalars apart.
  func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, width: Int,
    into panels: UnsafeMutablePointer<Float>)

  /// Packs a matrix `[k, n]` into panels of `width` columns, a multiple of 16. Columns beyond n are 0.
  /// The matrix is given as k rows of n scalars; the rows are `stride` scalars apart.
  func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, width: Int,
    into panels: UnsafeMutablePointer<Float>)

  /// Converts a float32 panel to a weight format. Returns false if the format cannot hold a number.
  func store(_ panel: PanelConversion, as format: WeightFormat) -> Bool

  // MARK: Rows

  /// The largest scalar of `row`, ignoring NaN; −∞ for an empty row.
  func maximum(_ row: UnsafeBufferPointer<Float>) -> Float

  /// Whether all scalars are finite.
  func isFinite(_ row: UnsafeBufferPointer<Float>) -> Bool

  /// rowᵢ ← e^(rowᵢ − shift), in place. Returns the sum of the new scalars.
  func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float

  /// rowᵢ ← f(rowᵢ), in place.
  func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation)

  /// rowᵢ ← rowᵢ + addendᵢ.
  func add(_ row: UnsafeMutableBufferPointer<Float>, _ addend: UnsafePointer<Float>)

  /// rowᵢ ← rowᵢ · factorᵢ.
  func multiply(_ row: UnsafeMutableBufferPointer<Float>, by factors: UnsafePointer<Float>)

  /// rowᵢ ← rowᵢ · factor.
  func scale(_ row: UnsafeMutableBufferPointer<Float>, by factor: Float)

  /// target ← factors ∘ x, row by row.
  func scaleRows(_ scaling: RowScaling)

  /// rowᵢ ← rowᵢ / divisor.
  func divide(_ row: UnsafeMutableBufferPointer<Float>, by divisor: Float)

  /// rowᵢ ← (rowᵢ − mean) / √(variance + ε) · weightᵢ + biasᵢ, in place.
  func layerNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float)

  /// rowᵢ ← rowᵢ / √(mean of the squares + ε) · weightᵢ, in place.
  func rmsNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>, epsilon: Float)

  /// rowᵢ ← the value of the bfloat16 bit pattern bitsᵢ.
  func convertFromBFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>)

  /// rowᵢ ← the value of the binary16 bit pattern bitsᵢ.
  func convertFromFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>)

  /// bitsᵢ ← the bfloat16 bit pattern nearest to rowᵢ. Returns false if a finite number becomes
  /// infinite.
  func convertToBFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool

  /// bitsᵢ ← the binary16 bit pattern nearest to rowᵢ. Returns false if a finite number becomes
  /// infinite.
  func convertToFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool

  // MARK: Attention scores

  /// rowᵢ ← value where keepᵢ is false.
  func hide(
    _ row: UnsafeMutableBufferPointer<Float>, keeping keep: UnsafePointer<Bool>, with value: Float)

  /// rowᵢ ← cap · tanh(rowᵢ / cap), for a positive, finite cap. ±cap at ±∞.
  func softcap(_ row: UnsafeMutableBufferPointer<Float>, at cap: Float)

  /// rowᵢ ← rowᵢ · (1 − tanh²(scoresᵢ / cap)): the derivative of `softcap` at the scores.
  func multiplySoftcapDerivative(
    into row: UnsafeMutableBufferPointer<Float>, scores: UnsafePointer<Float>, cap: Float)

  /// rowᵢ ← rowᵢ − slope · |start + i|.
  func subtractDistances(
    _ row: UnsafeMutableBufferPointer<Float>, from start: Int, slope: Float)

  // MARK: Attention

  /// The tiles in which the operator computes, and the layout of the keys and values for them.
  func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles

  /// One step of an online softmax: replaces scores by weights and updates m, l and O of each row.
  func applySoftmax(_ tile: SoftmaxTile)

  /// Scores of a few queries, reading the keys in place: output[r, j] ← scale · row r · key j.
  func scoreKeys(_ product: CacheProduct)

  /// Weighted sums of values, reading the values in place: output[r] ← output[r] + Σⱼ row r[j] ·
  /// value j.
  func addWeightedValues(_ product: CacheProduct)

  // MARK: Search

  /// Σᵢ query[i] · (code[i] mod 16) + query[length + i] · ⌊code[i] / 16⌋ for each query of int8 and each row of codes;
  /// exact.
  func dotHalfBytes(_ product: CodeProduct)

  /// The number of bits that differ between each query and each row of codes.
  func countDifferentBits(_ product: CodeProduct)

  // MARK: Whole operator

  /// The whole attention operator. The default works tile by tile; its work memory does not depend on
  /// the lengths.
  ///
  /// - Parameter output: memory for the output, used if it is large enough.
  func attention(
    _ problem: AttentionProblem, threads: Int, returning results: AttentionResults,
    output: consuming Tensor?
  ) throws -> AttentionResult

  /// The derivatives of a loss with respect to the operator's arguments, computed from dO, the
  /// derivative with respect to its output.
  ///
  /// - Parameter given: the result to start from; nil if the problem contains all keys.
  func attentionGradients(
    _ problem: AttentionProblem, of outputGradient: Tensor, given: GivenResult?, threads: Int
  ) throws -> AttentionGradients
}

extension Kernels {
  /// row ← softmax(row), in place: e^(rowᵢ − max) / Σ. A row of only −∞ becomes zeros.
  ///
  /// This is an online softmax with a single tile, so each backend has only one softmax kernel.
  package func softmax(_ row: UnsafeMutableBufferPointer<Float>) {
    softmax(row, sink: -.infinity)
  }

  /// row ← e^(rowᵢ − m) / (Σ e^(rowᵢ − m) + e^(sink − m)), where m is the maximum of the row and the
  /// sink.
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
    // The sum is 0 only if every score is −∞.
    if sum != 0 { divide(row, by: sum) }
  }
}
