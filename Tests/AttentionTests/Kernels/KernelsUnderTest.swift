import Attention
import Testing

/// One of the backends, each of which must pass the same tests.
struct KernelsUnderTest: Sendable, CustomTestStringConvertible {
  let name: String
  let kernels: any Kernels

  static let openBLAS = KernelsUnderTest(name: "OpenBLAS", kernels: OpenBLASKernels())
  static let portable = KernelsUnderTest(name: "portable", kernels: PortableKernels())
  static let naive = KernelsUnderTest(name: "naive", kernels: NaiveKernels())

  static let all = [openBLAS, portable, naive]

  var testDescription: String { name }
}

/// A matrix as a product takes it: what it holds, and how it lies in memory.
struct StoredMatrix {
  /// What stands between the rows: a NaN, so that reading it shows.
  static let gap = Float(bitPattern: 0x7FC0_BEEF)

  let rowCount: Int
  let columnCount: Int
  let isTransposed: Bool
  let leadingDimension: Int
  var scalars: [Float]

  /// - Parameters:
  ///   - padding: how much longer than a stored row the leading dimension is.
  ///   - element: the value at a row and a column of the matrix, whether stored transposed or not.
  init(
    rows rowCount: Int, columns columnCount: Int, isTransposed: Bool = false, padding: Int = 0,
    element: (Int, Int) -> Float
  ) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.isTransposed = isTransposed
    let (storedRows, storedColumns) =
      isTransposed ? (columnCount, rowCount) : (rowCount, columnCount)
    leadingDimension = storedColumns + padding
    // One scalar more, so that an empty matrix has an address too.
    scalars = Array(repeating: Self.gap, count: storedRows * leadingDimension + 1)
    for row in 0..<storedRows {
      for column in 0..<storedColumns {
        scalars[row * leadingDimension + column] =
          isTransposed ? element(column, row) : element(row, column)
      }
    }
  }

  subscript(row: Int, column: Int) -> Float {
    isTransposed
      ? scalars[column * leadingDimension + row] : scalars[row * leadingDimension + column]
  }
}

extension Kernels {
  /// C ← α · A · B + β · C on arrays; C must not be stored transposed.
  func multiply(
    alpha: Float = 1, _ a: StoredMatrix, _ b: StoredMatrix, beta: Float = 0,
    into c: inout StoredMatrix
  ) throws {
    let (m, n, leadingDimension) = (c.rowCount, c.columnCount, c.leadingDimension)
    try a.scalars.withUnsafeBufferPointer { aBuffer in
      try b.scalars.withUnsafeBufferPointer { bBuffer in
        try c.scalars.withUnsafeMutableBufferPointer { cBuffer in
          let product = try MatrixProduct(
            m: m, n: n, k: a.columnCount, alpha: alpha,
            a: .init(
              try #require(aBuffer.baseAddress), leadingDimension: a.leadingDimension,
              isTransposed: a.isTransposed),
            b: .init(
              try #require(bBuffer.baseAddress), leadingDimension: b.leadingDimension,
              isTransposed: b.isTransposed),
            beta: beta, c: try #require(cBuffer.baseAddress),
            cLeadingDimension: leadingDimension)
          multiply(product)
        }
      }
    }
  }
}
