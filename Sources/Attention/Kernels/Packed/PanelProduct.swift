import CKernels

/// A product with a matrix in panels: C ← f(α · A P + bias + addend), or C ← C + α · A P. The C
/// kernels read this struct.
///
/// P, `[k, n]`, is stored as ⌈n / 32⌉ panels. A panel is 32 neighboring columns, one row after the
/// other: the order in which the product reads them. Columns of the last panel beyond n are 0. The
/// elements are stored in a weight format and converted to float32 during the product.
///
/// A large BLAS product packs its operands at every call, which costs more than the product itself if
/// there are few rows. Here, weights are packed once, when they are loaded, and keys and values once for
/// many rows of queries.
package typealias PanelProduct = vector_panel_product

extension PanelProduct {
  /// The number of columns of a panel.
  package static var width: Int { Int(VECTOR_PANEL_WIDTH) }

  /// A product with float32 panels, without bias, addend or activation.
  ///
  /// - Parameters:
  ///   - a: A, `[m, k]`, rows `aStride` apart.
  ///   - panels: P, `[k, n]`.
  ///   - panelStride: the number of elements between the starts of two panels: 32 · k, or more if
  ///     only some rows of each panel are used.
  ///   - c: C, `[m, n]`, rows `cStride` apart.
  package init(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, aStride: Int, panels: UnsafeRawPointer,
    panelStride: Int, c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    self.init(
      m: m, n: n, k: k, alpha: 1, a: a, a_stride: aStride, panels: panels,
      panel_stride: panelStride,
      format: VECTOR_FLOAT32, scales: nil, scale_stride: 0, group: 0, c: c, c_stride: cStride,
      accumulates: false, bias: nil, addend: nil, addend_stride: 0, activation: VECTOR_IDENTITY,
      quantized: nil, reproducible: false)
  }

  /// Sets the weight format of the panels.
  ///
  /// - Parameter scales: 32 for each panel and each block of its rows; nil for formats without
  ///   scales.
  package mutating func setFormat(_ format: WeightFormat, scales: UnsafePointer<Float>?) {
    self.format = format.row.kernelFormat
    self.scales = scales
    group = format.blockLength(inputSize: k)
    scale_stride = format.blockCount(inputSize: k) * Self.width
  }

  /// The row of the weight format table for the elements of the panels.
  var formatRow: WeightFormatRow { WeightFormatRow.row(of: format) }

  /// The number of scalars in the panels of a `[k, n]` matrix.
  package static func scalarCount(k: Int, n: Int) -> Int {
    (n + width - 1) / width * width * k
  }

  /// ⌈n / 32⌉.
  package var panelCount: Int { (n + Self.width - 1) / Self.width }

  /// The part of the product that computes only the columns of these panels.
  package func part(panels range: Range<Int>) -> PanelProduct {
    let first = range.lowerBound * Self.width
    var part = self
    part.n = min(n, range.upperBound * Self.width) - first
    part.panels += formatRow.byteCount(range.lowerBound * panel_stride)
    part.scales = scales.map { $0 + range.lowerBound * scale_stride }
    part.c += first
    part.bias = bias.map { $0 + first }
    part.addend = addend.map { $0 + first }
    return part
  }

  /// f; nil for the identity function.
  package var function: Activation? {
    get {
      switch activation {
      case VECTOR_GELU: .gelu
      case VECTOR_GELU_TANH: .geluTanh
      case VECTOR_SILU: .silu
      case VECTOR_RELU: .relu
      case VECTOR_TANH: .tanh
      default: nil
      }
    }
    set { activation = newValue?.kernel ?? VECTOR_IDENTITY }
  }
}

extension Activation {
  /// The C constant of this function.
  var kernel: vector_activation {
    switch self {
    case .gelu: VECTOR_GELU
    case .geluTanh: VECTOR_GELU_TANH
    case .silu: VECTOR_SILU
    case .relu: VECTOR_RELU
    case .tanh: VECTOR_TANH
    }
  }
}
