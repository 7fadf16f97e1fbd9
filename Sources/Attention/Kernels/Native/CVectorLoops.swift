import CKernels

/// The loops in C, for one of the instruction sets that this processor can run.
///
/// Each does what the default of `VectorLoops` does, which is Swift: the tests hold the two together.
package struct CVectorLoops: VectorLoops, @unchecked Sendable {
  // Constant, and never written to.
  private let table: UnsafePointer<vector_kernels>

  private init(_ table: UnsafePointer<vector_kernels>) { self.table = table }

  /// The fastest set.
  package static let best = CVectorLoops(vector_kernels_best())

  /// Every set that this processor can run, the fastest first.
  package static var all: [CVectorLoops] {
    (0...).lazy.map { vector_kernels_at($0) }.prefix { $0 != nil }.compactMap { $0 }
      .map(CVectorLoops.init)
  }

  /// "AVX-512", "AVX-512 VNNI", "AVX-512 VNNI BF16", "AVX2", "NEON" or "generic".
  package var name: String { String(cString: table.pointee.name) }

  /// The row of a weight format in the table.
  private func row(of format: WeightFormat) -> vector_format {
    table.pointee.formats[Int(format.vectorFormat.rawValue)]
  }

  package var tileRows: Int { table.pointee.tile_rows }

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

  package func softmax(_ row: UnsafeMutableBufferPointer<Float>) {
    guard let base = row.baseAddress else { return }
    table.pointee.softmax(base, row.count)
  }

  package func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation) {
    guard let base = row.baseAddress else { return }
    table.pointee.activate(base, row.count, activation.vectorActivation)
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

  // MARK: - Panels

  package func multiply(_ product: PanelProduct) {
    var arguments = vector_panel_product(
      m: product.m, n: product.n, k: product.k, alpha: product.alpha, a: product.a,
      a_stride: product.aStride, panels: product.panels, panel_stride: product.panelStride,
      format: product.format.vectorFormat, scales: product.scales,
      scale_stride: product.scaleStride,
      group: product.format.groupLength(inputSize: product.k) ?? 0, c: product.c,
      c_stride: product.cStride, accumulates: product.accumulates,
      bias: product.bias, addend: product.addend, addend_stride: product.addendStride,
      activation: product.activation?.vectorActivation ?? VECTOR_IDENTITY,
      quantized: product.rounded)
    let row = row(of: product.format)
    if product.rounded != nil, let multiply = row.multiply_quantized {
      multiply(&arguments)
    } else {
      row.multiply(&arguments)
    }
  }

  package func roundedScalarCount(_ product: PanelProduct) -> Int {
    guard let count = row(of: product.format).quantized_count else {
      return product.roundedFloatCount
    }
    return count(product.m, product.k)
  }

  package func roundInputs(
    of product: inout PanelProduct, into room: UnsafeMutablePointer<Float>
  ) {
    guard let quantize = row(of: product.format).quantize_inputs else {
      return product.roundInputsToFloats(into: room, self)
    }
    quantize(product.a, product.aStride, product.m, product.k, room)
    product.rounded = UnsafeRawPointer(room)
  }

  package func packColumns(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    table.pointee.pack_columns(x, stride, n, k, panels)
  }

  package func packRows(
    _ x: UnsafePointer<Float>, stride: Int, n: Int, k: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    table.pointee.pack_rows(x, stride, n, k, panels)
  }

  package func quantize(
    _ panel: UnsafePointer<Float>, rowCount: Int, scales: UnsafeMutablePointer<Float>,
    into whole: UnsafeMutablePointer<Int8>
  ) {
    _ = row(of: .int8).from_float(panel, rowCount, rowCount, scales, whole)
  }

  // MARK: - Attention

  package func applySoftmax(_ tile: SoftmaxTile) {
    var arguments = vector_softmax_tile(
      rows: tile.rows, columns: tile.columns, scores: tile.scores, score_stride: tile.scoreStride,
      row_max: tile.largest, row_sum: tile.total, output: tile.output,
      output_columns: tile.outputColumns, output_stride: tile.outputStride)
    table.pointee.online_softmax(&arguments)
  }

  package func scoreKeys(_ product: RowProduct) {
    var arguments = product.arguments
    table.pointee.score_keys(&arguments)
  }

  package func addWeightedValues(_ product: RowProduct) {
    var arguments = product.arguments
    table.pointee.add_weighted_values(&arguments)
  }
}

extension RowProduct {
  fileprivate var arguments: vector_cache_product {
    vector_cache_product(
      rows: rows, heads: heads, keys: keys, dimension: dimension, inputs: base,
      input_stride: stride,
      cache: keyBase, cache_stride: keyStride, scale: scale, result: result,
      result_stride: resultStride)
  }
}

extension Activation {
  fileprivate var vectorActivation: vector_activation {
    switch self {
    case .gelu: VECTOR_GELU
    case .geluTanh: VECTOR_GELU_TANH
    case .silu: VECTOR_SILU
    case .relu: VECTOR_RELU
    }
  }
}

extension WeightFormat {
  fileprivate var vectorFormat: vector_weight_format {
    switch self {
    case .float32: VECTOR_FLOAT32
    case .bfloat16: VECTOR_BFLOAT16
    case .float16: VECTOR_FLOAT16
    case .int8, .int8Groups: VECTOR_INT8
    }
  }
}
