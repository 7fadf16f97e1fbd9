import CKernels

/// The C kernels for one instruction set that this processor supports.
///
/// Each kernel computes the same as the default of `Kernels` in Swift; tests compare the two. A
/// `MatrixMultiplier` computes the products of float32 matrices; backends that use these kernels
/// differ only in their multiplier.
package struct NativeKernels: Kernels, @unchecked Sendable {
  // Functions and constants, which never change.
  private let table: UnsafePointer<vector_kernels>
  private let multiplier: any MatrixMultiplier

  private init(
    _ table: UnsafePointer<vector_kernels>, multiplier: any MatrixMultiplier = SIMDMultiplier()
  ) {
    self.table = table
    self.multiplier = multiplier
  }

  /// The fastest instruction set of this processor; `multiplier` computes products of float32
  /// matrices.
  package init(multiplier: any MatrixMultiplier) {
    self = Self.best.multiplying(with: multiplier)
  }

  /// The fastest instruction set of this processor, or the one that the user chose with
  /// `KernelChoice.variable`.
  package static let best = KernelChoice.chosen(from: all)

  /// All instruction sets that this processor supports, fastest first.
  package static var all: [NativeKernels] {
    (0...).lazy.map { vector_kernels_at($0) }.prefix { $0 != nil }.compactMap { $0 }
      .map { NativeKernels($0) }
  }

  /// The same instruction set with another multiplier.
  package func multiplying(with multiplier: any MatrixMultiplier) -> NativeKernels {
    NativeKernels(table, multiplier: multiplier)
  }

  /// "AVX-512", "AVX-512 VNNI", "AVX-512 VNNI BF16", "AVX2", "NEON" or "generic".
  package var name: String { String(cString: table.pointee.name) }

  /// This instruction set's table row for a weight format.
  private func row(of format: vector_weight_format) -> UnsafePointer<vector_format> {
    table.pointee.formats + Int(format.rawValue)
  }

  package var tileRows: Int { table.pointee.tile_rows }

  // MARK: - Matrix products

  package func multiply(_ product: MatrixProduct) throws {
    try multiplier.multiply(product, with: self)
  }

  package func multiply(_ product: PanelProduct) {
    if product.format == VECTOR_FLOAT32 {
      multiplier.multiply(product, with: self)
    } else {
      multiplyInSIMD(product)
    }
  }

  /// Computes the product with the SIMD kernel of this instruction set.
  func multiplyInSIMD(_ product: PanelProduct) {
    let row = row(of: product.format)
    withUnsafePointer(to: product) {
      if product.quantized != nil, let multiply = row.pointee.multiply_quantized {
        multiply($0)
      } else {
        row.pointee.multiply($0)
      }
    }
  }

  package func quantizedFloatCount(_ product: PanelProduct) -> Int {
    row(of: product.format).pointee.quantized_count.map { $0(product.m, product.k) }
      ?? product.quantizedInputCount
  }

  package func quantizeInputs(
    of product: inout PanelProduct, into memory: UnsafeMutablePointer<Float>
  ) {
    guard let quantize = row(of: product.format).pointee.quantize_inputs else {
      return product.quantizeInputsToFloats(into: memory, self)
    }
    quantize(product.a, product.a_stride, product.m, product.k, memory)
    product.quantized = UnsafeRawPointer(memory)
  }

  package func store(_ panel: PanelConversion, as format: WeightFormat) -> Bool {
    row(of: format.row.kernelFormat).pointee.from_float(
      panel.floats, panel.rowCount, panel.blockLength, panel.scales, panel.elements)
  }

  package func finish(_ product: PanelProduct) {
    withUnsafePointer(to: product) { table.pointee.finish($0) }
  }

  package func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, width: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    table.pointee.pack_columns(x, stride, n, k, width, panels)
  }

  package func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, width: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    table.pointee.pack_rows(x, stride, n, k, width, panels)
  }

  // MARK: - Rows

  package func maximum(_ row: UnsafeBufferPointer<Float>) -> Float {
    guard let base = row.baseAddress else { return -.infinity }
    return table.pointee.maximum(base, row.count)
  }

  package func exponentials(
    _ row: UnsafeMutableBufferPointer<Float>, minus shift: Float
  ) -> Float {
    guard let base = row.baseAddress else { return 0 }
    return table.pointee.exponentials(base, row.count, shift)
  }

  package func isFinite(_ row: UnsafeBufferPointer<Float>) -> Bool {
    guard let base = row.baseAddress else { return true }
    return table.pointee.is_finite(base, row.count)
  }

  package func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation) {
    guard let base = row.baseAddress else { return }
    table.pointee.activate(base, row.count, activation.kernel)
  }

  package func add(_ row: UnsafeMutableBufferPointer<Float>, _ addend: UnsafePointer<Float>) {
    guard let base = row.baseAddress else { return }
    table.pointee.add(base, addend, row.count)
  }

  package func multiply(
    _ row: UnsafeMutableBufferPointer<Float>, by factors: UnsafePointer<Float>
  ) {
    guard let base = row.baseAddress else { return }
    table.pointee.multiply_rows(base, factors, row.count)
  }

  package func scale(_ row: UnsafeMutableBufferPointer<Float>, by factor: Float) {
    guard let base = row.baseAddress else { return }
    table.pointee.scale(base, row.count, factor)
  }

  package func scaleRows(_ scaling: RowScaling) {
    table.pointee.scale_rows(
      scaling.x, scaling.stride, scaling.rows, scaling.columns, scaling.factors,
      scaling.factorStride, scaling.target, scaling.targetStride)
  }

  package func divide(_ row: UnsafeMutableBufferPointer<Float>, by divisor: Float) {
    guard let base = row.baseAddress else { return }
    table.pointee.divide(base, row.count, divisor)
  }

  package func layerNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    guard let base = row.baseAddress else { return }
    table.pointee.layer_norm(base, row.count, weight, bias, epsilon)
  }

  package func rmsNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>, epsilon: Float
  ) {
    guard let base = row.baseAddress else { return }
    table.pointee.rms_norm(base, row.count, weight, epsilon)
  }

  package func convertFromBFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>
  ) {
    guard let base = bits.baseAddress else { return }
    table.pointee.bfloat16_to_float(base, row, bits.count)
  }

  package func convertFromFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>
  ) {
    guard let base = bits.baseAddress else { return }
    table.pointee.float16_to_float(base, row, bits.count)
  }

  package func convertToBFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool {
    guard let base = row.baseAddress else { return true }
    return table.pointee.float_to_bfloat16(base, bits, row.count)
  }

  package func convertToFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool {
    guard let base = row.baseAddress else { return true }
    return table.pointee.float_to_float16(base, bits, row.count)
  }

  // MARK: - Attention scores

  package func hide(
    _ row: UnsafeMutableBufferPointer<Float>, keeping keep: UnsafePointer<Bool>, with value: Float
  ) {
    guard let base = row.baseAddress else { return }
    table.pointee.hide(base, keep, row.count, value)
  }

  package func softcap(_ row: UnsafeMutableBufferPointer<Float>, at cap: Float) {
    guard let base = row.baseAddress else { return }
    table.pointee.softcap(base, row.count, cap)
  }

  package func multiplySoftcapDerivative(
    into row: UnsafeMutableBufferPointer<Float>, scores: UnsafePointer<Float>, cap: Float
  ) {
    guard let base = row.baseAddress else { return }
    table.pointee.multiply_softcap_derivative(base, scores, row.count, cap)
  }

  package func subtractDistances(
    _ row: UnsafeMutableBufferPointer<Float>, from start: Int, slope: Float
  ) {
    guard let base = row.baseAddress else { return }
    table.pointee.subtract_distances(base, row.count, start, slope)
  }

  // MARK: - Attention

  package func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles {
    multiplier.attentionTiles(keyDimension: keyDimension, valueDimension: valueDimension)
      ?? AttentionTiles(
        inPanels: self, keyDimension: keyDimension, valueDimension: valueDimension)
  }

  package func applySoftmax(_ tile: SoftmaxTile) {
    withUnsafePointer(to: tile) { table.pointee.online_softmax($0) }
  }

  package func scoreKeys(_ product: CacheProduct) {
    multiplier.scoreKeys(product, with: self)
  }

  package func addWeightedValues(_ product: CacheProduct) {
    multiplier.addWeightedValues(product, with: self)
  }

  /// Computes the scores with the SIMD kernel of this instruction set.
  func scoreKeysInSIMD(_ product: CacheProduct) {
    withUnsafePointer(to: product) { table.pointee.score_keys($0) }
  }

  /// Computes the sums with the SIMD kernel of this instruction set.
  func addWeightedValuesInSIMD(_ product: CacheProduct) {
    withUnsafePointer(to: product) { table.pointee.add_weighted_values($0) }
  }

  // MARK: - Search

  package func dotHalfBytes(_ product: CodeProduct) {
    withUnsafePointer(to: product) { table.pointee.dot_half_bytes($0) }
  }

  package func countDifferentBits(_ product: CodeProduct) {
    withUnsafePointer(to: product) { table.pointee.count_different_bits($0) }
  }
}
