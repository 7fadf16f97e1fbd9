/// The portable backend: everything in Swift, with the same results on every machine.
///
/// It consists of the defaults of `Kernels`. Multiplications and additions are rounded separately:
/// without `-march`, a package is compiled for the oldest x86-64 processors, on which a fused
/// multiply-add is a library call.
package struct PortableKernels: Kernels {
  package init() {}
}

// MARK: - Rows

extension Kernels {
  package func maximum(_ row: UnsafeBufferPointer<Float>) -> Float {
    VectorMath.maximum(row)
  }

  package func isFinite(_ row: UnsafeBufferPointer<Float>) -> Bool {
    row.allSatisfy { $0.isFinite }
  }

  package func exponentials(
    _ row: UnsafeMutableBufferPointer<Float>, minus shift: Float
  ) -> Float {
    VectorMath.map(row) { VectorMath.exp($0 - shift) }
    return VectorMath.sum(UnsafeBufferPointer(row), padding: 0) { $0 }
  }

  package func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation) {
    switch activation {
    case .gelu: VectorMath.map(row, VectorMath.gelu)
    case .geluTanh: VectorMath.map(row, VectorMath.geluTanh)
    case .silu: VectorMath.map(row, VectorMath.silu)
    case .relu: VectorMath.map(row) { $0.replacing(with: 0, where: $0 .< 0) }
    case .tanh: VectorMath.map(row) { VectorMath.softcap($0, at: 1) }
    }
  }

  package func add(_ row: UnsafeMutableBufferPointer<Float>, _ addend: UnsafePointer<Float>) {
    for index in row.indices { row[index] += addend[index] }
  }

  package func multiply(
    _ row: UnsafeMutableBufferPointer<Float>, by factors: UnsafePointer<Float>
  ) {
    for index in row.indices { row[index] *= factors[index] }
  }

  package func scale(_ row: UnsafeMutableBufferPointer<Float>, by factor: Float) {
    VectorMath.map(row) { $0 * factor }
  }

  package func scaleRows(_ scaling: RowScaling) {
    for row in 0..<scaling.rows {
      let target = UnsafeMutableBufferPointer(
        start: scaling.target + row * scaling.targetStride, count: scaling.columns)
      _ = target.update(
        fromContentsOf: UnsafeBufferPointer(
          start: scaling.x + row * scaling.stride, count: scaling.columns))
      scale(target, by: scaling.factors[row * scaling.factorStride])
    }
  }

  package func divide(_ row: UnsafeMutableBufferPointer<Float>, by divisor: Float) {
    VectorMath.map(row) { $0 / divisor }
  }

  package func layerNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    let input = UnsafeBufferPointer(row)
    let width = Float(row.count)
    let mean = VectorMath.sum(input, padding: 0) { $0 } / width
    let variance =
      VectorMath.sum(input, padding: mean) { lanes in
        let distance = lanes - mean
        return distance * distance
      } / width
    let scale = 1 / (variance + epsilon).squareRoot()
    for index in row.indices {
      row[index] = (row[index] - mean) * scale * weight[index] + bias[index]
    }
  }

  package func rmsNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>, epsilon: Float
  ) {
    let squares = VectorMath.sum(UnsafeBufferPointer(row), padding: 0) { $0 * $0 }
    let scale = 1 / (squares / Float(row.count) + epsilon).squareRoot()
    for index in row.indices { row[index] = row[index] * scale * weight[index] }
  }

  package func convertFromBFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>
  ) {
    for index in bits.indices { row[index] = HalfPrecision.float(fromBFloat16: bits[index]) }
  }

  package func convertFromFloat16(
    _ bits: UnsafeBufferPointer<UInt16>, into row: UnsafeMutablePointer<Float>
  ) {
    for index in bits.indices { row[index] = HalfPrecision.float(fromFloat16: bits[index]) }
  }

  package func convertToBFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool {
    var fits = true
    for index in row.indices {
      bits[index] = HalfPrecision.bfloat16(from: row[index])
      if row[index].isFinite, bits[index] & 0x7F80 == 0x7F80 { fits = false }
    }
    return fits
  }

  package func convertToFloat16(
    _ row: UnsafeBufferPointer<Float>, into bits: UnsafeMutablePointer<UInt16>
  ) -> Bool {
    var fits = true
    for index in row.indices {
      bits[index] = HalfPrecision.float16(from: row[index])
      if row[index].isFinite, bits[index] & 0x7C00 == 0x7C00 { fits = false }
    }
    return fits
  }
}
