import Attention
import CKernels

/// The reference with naive products in single precision: sums of float32 products, one after the other.
/// The error of a layer or a model with these kernels shows which rounding errors to expect.
struct NaiveKernels: Kernels {
  static let backend = Backend(name: "naive", kernels: NaiveKernels())

  private let reference = ReferenceKernels()

  /// The largest error of `body` with these kernels.
  static func error(_ exact: [Double], _ body: () throws -> Tensor) throws -> Double {
    largestError(try withCompute(backend: backend, threads: 1) { try body().scalars }, exact)
  }

  func multiply(_ product: MatrixProduct) {
    let (a, b) = (product.a, product.b)
    for i in 0..<product.m {
      for j in 0..<product.n {
        var sum: Float = 0
        for l in 0..<product.k {
          sum +=
            a.base[a.isTransposed ? l * a.leadingDimension + i : i * a.leadingDimension + l]
            * b.base[b.isTransposed ? j * b.leadingDimension + l : l * b.leadingDimension + j]
        }
        let target = product.c + i * product.cLeadingDimension + j
        target.pointee =
          product.alpha * sum + (product.beta == 0 ? 0 : product.beta * target.pointee)
      }
    }
  }

  /// Only float32 panels have a naive product; the other formats have a check of their own.
  func multiply(_ product: PanelProduct) {
    guard product.format == VECTOR_FLOAT32 else {
      return reference.multiply(product)
    }
    let panels = product.panels.assumingMemoryBound(to: Float.self)
    let width = PanelProduct.width
    for i in 0..<product.m {
      for j in 0..<product.n {
        let column = panels + j / width * product.panel_stride + j % width
        var sum: Float = 0
        for l in 0..<product.k { sum += product.a[i * product.a_stride + l] * column[l * width] }
        sum *= product.alpha
        let target = product.c + i * product.c_stride + j
        guard !product.accumulates else {
          target.pointee += sum
          continue
        }
        if let bias = product.bias { sum += bias[j] }
        if let addend = product.addend { sum += addend[i * product.addend_stride + j] }
        target.pointee =
          product.function.map { Float(ReferenceKernels.value(of: $0, at: Double(sum))) } ?? sum
      }
    }
  }

  // MARK: Everything else as the reference

  func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float {
    reference.exponentials(row, minus: shift)
  }

  func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation) {
    reference.activate(row, activation)
  }

  func layerNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    reference.layerNorm(row, weight: weight, bias: bias, epsilon: epsilon)
  }

  func rmsNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>, epsilon: Float
  ) {
    reference.rmsNorm(row, weight: weight, epsilon: epsilon)
  }

  func softcap(_ row: UnsafeMutableBufferPointer<Float>, at cap: Float) {
    reference.softcap(row, at: cap)
  }

  func applySoftmax(_ tile: SoftmaxTile) { reference.applySoftmax(tile) }

  func attention(
    _ problem: AttentionProblem, threads: Int, returning results: AttentionResults,
    output: consuming Tensor?
  ) throws -> AttentionResult {
    try reference.attention(problem, threads: threads, returning: results, output: output)
  }
}
