import Attention
import TestSupport
import Testing

/// Kernels that must pass the same tests: the C kernels of one instruction set, or their Swift twins.
struct KernelsUnderTest: Sendable, CustomTestStringConvertible {
  let name: String
  let kernels: any Kernels

  static let twin = KernelsUnderTest(name: "Swift", kernels: PortableKernels())
  static let inC = NativeKernels.all.map { KernelsUnderTest(name: $0.name, kernels: $0) }
  static let all = inC + [twin]

  static let openBLAS = KernelsUnderTest(
    name: "OpenBLAS", kernels: NativeKernels(multiplier: OpenBLASMultiplier()))
  static let reference = KernelsUnderTest(name: "Double", kernels: ReferenceKernels())
  /// Every implementation of the panel product.
  static let panelMultipliers = all + [openBLAS]
  /// Every implementation of the general product.
  static let multipliers = [openBLAS] + all + [reference]

  /// Whether it uses fused multiply-add.
  var isFused: Bool { name != "Swift" && name != "generic" }

  var testDescription: String { name }
}

/// Half an ulp of 1, the largest relative error of one rounding.
let unitRoundoff = 0x1p-24

/// γ(x) = x u / (1 − x u), the relative error of x successive roundings.
func gamma(_ roundings: Int) -> Double {
  let x = Double(roundings) * unitRoundoff
  return x / (1 - x)
}

/// An exact result, and the error bound of a computed one.
struct Expected {
  var value: Double
  var bound: Double

  /// NaN matches NaN, and an infinity matches the same infinity.
  func allows(_ result: Float) -> Bool {
    if value.isNaN { return result.isNaN }
    return Double(result) == value || abs(Double(result) - value) <= bound
  }
}

/// The first position with a wrong result, as text.
func firstMismatch(
  _ results: some Collection<Float>, _ expected: some Collection<Expected>
) -> String? {
  guard results.count == expected.count else { return "\(results.count) ≠ \(expected.count)" }
  for (index, pair) in zip(results, expected).enumerated() where !pair.1.allows(pair.0) {
    return "at \(index) \(pair.0), not \(pair.1.value) ± \(pair.1.bound)"
  }
  return nil
}

/// An operand of a product: its elements, and its layout in memory.
struct StoredMatrix {
  /// The number between the rows: NaN, so that results show when it is read.
  static let gap = Float(bitPattern: 0x7FC0_BEEF)

  let rowCount: Int
  let columnCount: Int
  let isTransposed: Bool
  let leadingDimension: Int
  var scalars: [Float]

  /// - Parameters:
  ///   - padding: the number of scalars between stored rows.
  ///   - element: the element at a row and a column of the matrix, not of its stored form.
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
    // One more scalar, so that an empty matrix has an address.
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
          try multiply(product)
        }
      }
    }
  }
}
