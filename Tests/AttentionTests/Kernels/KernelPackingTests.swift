import Attention
import TestSupport
import Testing

/// Packing of matrices in panels: a number of columns each, row by row, with zeros beyond the last
/// column.
@Suite struct KernelPackingTests {
  private static let sizes = [0, 1, 3, 4, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100]

  private let source = FencedMemory(capacity: 100 * 107)
  private let target = FencedMemory(capacity: 100 * 208)

  /// The expected panels of `[k, n]`.
  static func panels(
    n: Int, k: Int, width: Int = PanelProduct.width,
    _ element: (_ row: Int, _ column: Int) -> Float
  ) -> [Float] {
    var panels = [Float](repeating: 0, count: (n + width - 1) / width * width * k)
    for column in 0..<n {
      for row in 0..<k {
        panels[(column / width * k + row) * width + column % width] = element(row, column)
      }
    }
    return panels
  }

  /// The rows of a matrix, with gaps between them.
  static func rows(
    _ count: Int, of width: Int, stride: Int, gap: Float = .nan,
    _ element: (_ row: Int, _ column: Int) -> Float
  ) -> [Float] {
    guard count > 0 else { return [] }
    var scalars = [Float](repeating: gap, count: (count - 1) * stride + width)
    for row in 0..<count {
      for column in 0..<width { scalars[row * stride + column] = element(row, column) }
    }
    return scalars
  }

  @Test(arguments: [PanelProduct.width, 16, 208])
  func `packing copies every bit, and accesses nothing outside of its matrices`(
    width: Int
  ) throws {
    // All different, no NaN and no 0.
    func element(_ row: Int, _ column: Int) -> Float { Float(row * 128 + column + 1) }
    for n in Self.sizes {
      for k in Self.sizes {
        let expected = Self.panels(n: n, k: k, width: width, element)
        for (padding, distance) in [(0, 0), (1, 3), (7, 16)] {
          let columns = Self.rows(n, of: k, stride: k + padding) { element($1, $0) }
          let rows = Self.rows(k, of: n, stride: n + padding, element)
          for set in KernelsUnderTest.all {
            for takesColumns in [true, false] {
              let x = source.place(takesColumns ? columns : rows, before: distance)
              // The former content is overwritten.
              let former = [Float](repeating: .nan, count: expected.count)
              let panels = target.place(former, before: distance)
              let (from, to) = (
                try #require(x.baseAddress), try #require(panels.baseAddress)
              )
              if takesColumns {
                set.kernels.packColumns(
                  from, stride: k + padding, n: n, k: k, width: width, into: to)
              } else {
                set.kernels.packRows(
                  from, stride: n + padding, n: n, k: k, width: width, into: to)
              }
              let place = "\(set.name), n \(n), k \(k), + \(padding), columns \(takesColumns)"
              try #require(panels.elementsEqual(expected), "\(place)")
              try #require(source.isIntact && target.isIntact, "\(place): wrote outside")
            }
          }
        }
      }
    }
  }
}
