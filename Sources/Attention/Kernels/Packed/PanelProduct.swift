/// A product with a matrix in panels: C ← f(α · A P + bias + addend), or C ← C + α · A P.
///
/// P, `[k, n]`, is stored as ⌈n / 32⌉ panels: each is 32 neighbouring columns, one row after the other,
/// which is the order in which the product reads them. What the last panel has beyond n is 0. Its
/// elements may be narrower than Float32; they are widened on the way into the sums.
///
/// BLAS takes matrices as they lie and packs them at every call, which costs more than the product
/// where the rows are few. A weight is packed once, when it is loaded; keys and values are packed
/// once for many rows of queries.
package struct PanelProduct {
  /// The columns of a panel.
  package static let width = 32

  /// Rows of A and C.
  package var m: Int
  /// Columns of P and C.
  package var n: Int
  /// Columns of A, rows of P.
  package var k: Int
  package var alpha: Float = 1
  /// A, `[m, k]`.
  package var a: UnsafePointer<Float>
  package var aStride: Int
  package var panels: UnsafeRawPointer
  /// How far apart the panels stand, in elements: 32 · k, or more where only some of a panel's rows are
  /// used.
  package var panelStride: Int
  /// What the panels' elements are.
  package var format = WeightFormat.float32
  /// Where the elements are whole numbers: for each panel, and each group of its rows, 32 scales.
  package var scales: UnsafePointer<Float>?
  /// A as `VectorLoops.roundInputs(of:into:)` left it, in a form that only its maker knows; nil where A is
  /// what counts.
  package var rounded: UnsafeRawPointer?
  /// C, `[m, n]`.
  package var c: UnsafeMutablePointer<Float>
  package var cStride: Int
  /// Whether to add to C as it is; then there is no bias, addend or f.
  package var accumulates = false
  /// `[n]`.
  package var bias: UnsafePointer<Float>?
  /// `[m, n]`; it may be C itself.
  package var addend: UnsafePointer<Float>?
  package var addendStride = 0
  /// f; nil for the identity.
  package var activation: Activation?

  package init(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, aStride: Int, panels: UnsafeRawPointer,
    panelStride: Int, c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.a = a
    self.aStride = aStride
    self.panels = panels
    self.panelStride = panelStride
    self.c = c
    self.cStride = cStride
  }

  /// How many scalars the panels of a `[k, n]` matrix take.
  package static func scalarCount(k: Int, n: Int) -> Int {
    (n + width - 1) / width * width * k
  }

  /// ⌈n / 32⌉.
  package var panelCount: Int { (n + Self.width - 1) / Self.width }

  /// How far apart the scales of two panels stand.
  package var scaleStride: Int { format.groupCount(inputSize: k) * Self.width }

  /// The product that computes only the columns of these panels.
  package func part(panels range: Range<Int>) -> PanelProduct {
    let first = range.lowerBound * Self.width
    var part = self
    part.n = min(n, range.upperBound * Self.width) - first
    part.panels += range.lowerBound * panelStride * format.elementByteCount
    part.scales = scales.map { $0 + range.lowerBound * scaleStride }
    part.c += first
    part.bias = bias.map { $0 + first }
    part.addend = addend.map { $0 + first }
    return part
  }
}
