/// What a backend computes: the matrix product, and the few loops over rows that attention needs.
///
/// Only `multiply` must be written; the loops default to the vectorised Swift of `VectorMath`. Every
/// method works on one thread, on memory that its caller owns, and cannot fail: sizes are checked
/// before.
package protocol Kernels: Sendable {
  /// C ← α · op(A) · op(B) + β · C.
  func multiply(_ product: MatrixProduct)

  /// The largest scalar of `row`, NaN ignored; −∞ for an empty row.
  func maximum(_ row: UnsafeBufferPointer<Float>) -> Float

  /// rowᵢ ← e^(rowᵢ − shift), in place; returns their sum.
  func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float

  /// rowᵢ ← f(rowᵢ), in place.
  func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation)

  /// rowᵢ ← (rowᵢ − mean) / √(variance + ε) · gainᵢ + biasᵢ, in place.
  func normalize(
    _ row: UnsafeMutableBufferPointer<Float>, gain: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float)
}

extension Kernels {
  package func maximum(_ row: UnsafeBufferPointer<Float>) -> Float {
    VectorMath.maximum(row)
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
    case .relu: VectorMath.map(row) { $0.replacing(with: 0, where: $0 .< 0) }
    }
  }

  package func normalize(
    _ row: UnsafeMutableBufferPointer<Float>, gain: UnsafePointer<Float>,
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
      row[index] = (row[index] - mean) * scale * gain[index] + bias[index]
    }
  }

  /// row ← softmax(row), in place: e^(rowᵢ − max) / Σ. A row of −∞ alone becomes zeros.
  package func softmax(_ row: UnsafeMutableBufferPointer<Float>) {
    let largest = maximum(UnsafeBufferPointer(row))
    let total = exponentials(row, minus: largest == -.infinity ? 0 : largest)
    guard total != 0 else { return }
    VectorMath.map(row) { $0 / total }
  }
}
