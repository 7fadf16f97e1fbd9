/// A 4 by 8 tile of C in registers: the micro-kernel of the portable product.
///
/// 8 accumulators, 2 vectors of B, 1 of A and 1 product fit into the 16 registers of x86-64. 8
/// independent sums are enough to hide the latency of an addition.
struct Tile {
  static let rowCount = 4
  static let columnCount = 8

  private typealias Vector = SIMD4<Float>
  private var c00 = Vector.zero
  private var c01 = Vector.zero
  private var c10 = Vector.zero
  private var c11 = Vector.zero
  private var c20 = Vector.zero
  private var c21 = Vector.zero
  private var c30 = Vector.zero
  private var c31 = Vector.zero

  /// The product of up to 4 rows of A, in place, and 8 columns of a panel, Σₚ a[r, p] · b[p].
  @inline(__always)
  init(
    depth: Int, rowCount: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>,
    bStride: Int
  ) {
    // Rows beyond the last one repeat row 0; `write` skips them.
    let a1 = a + (rowCount > 1 ? aStride : 0)
    let a2 = a + (rowCount > 2 ? 2 * aStride : 0)
    let a3 = a + (rowCount > 3 ? 3 * aStride : 0)
    var b = UnsafeRawPointer(b)
    for p in 0..<depth {
      let b0 = b.loadUnaligned(as: Vector.self)
      let b1 = b.loadUnaligned(fromByteOffset: 16, as: Vector.self)
      c00 += a[p] * b0
      c01 += a[p] * b1
      c10 += a1[p] * b0
      c11 += a1[p] * b1
      c20 += a2[p] * b0
      c21 += a2[p] * b1
      c30 += a3[p] * b0
      c31 += a3[p] * b1
      b += bStride * MemoryLayout<Float>.stride
    }
  }

  /// Writes the tile to C: c ← α · tile + β · c, for the rows and columns inside of C.
  @inline(__always)
  func write(
    to c: UnsafeMutablePointer<Float>, leadingDimension: Int, rowCount: Int, columnCount: Int,
    alpha: Float, beta: Float
  ) {
    let rows = (
      SIMD8(lowHalf: c00, highHalf: c01), SIMD8(lowHalf: c10, highHalf: c11),
      SIMD8(lowHalf: c20, highHalf: c21), SIMD8(lowHalf: c30, highHalf: c31)
    )
    Self.write(rows.0, to: c, columnCount: columnCount, alpha: alpha, beta: beta)
    guard rowCount > 1 else { return }
    Self.write(
      rows.1, to: c + leadingDimension, columnCount: columnCount, alpha: alpha, beta: beta)
    guard rowCount > 2 else { return }
    Self.write(
      rows.2, to: c + 2 * leadingDimension, columnCount: columnCount, alpha: alpha, beta: beta)
    guard rowCount > 3 else { return }
    Self.write(
      rows.3, to: c + 3 * leadingDimension, columnCount: columnCount, alpha: alpha, beta: beta)
  }

  @inline(__always)
  private static func write(
    _ row: SIMD8<Float>, to c: UnsafeMutablePointer<Float>, columnCount: Int, alpha: Float,
    beta: Float
  ) {
    let scaled = row * alpha
    if columnCount == Self.columnCount {
      let raw = UnsafeMutableRawPointer(c)
      if beta == 0 {
        raw.storeBytes(of: scaled, as: SIMD8<Float>.self)
      } else {
        let old = raw.loadUnaligned(as: SIMD8<Float>.self)
        raw.storeBytes(of: scaled + old * beta, as: SIMD8<Float>.self)
      }
    } else {
      for column in 0..<columnCount {
        c[column] = beta == 0 ? scaled[column] : scaled[column] + beta * c[column]
      }
    }
  }
}
