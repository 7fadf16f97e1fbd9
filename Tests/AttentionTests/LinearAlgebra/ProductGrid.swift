import Attention
import TestSupport

/// Runs a backend for a grid of sizes, transpositions, α, β and leading dimensions.
///
/// Each element must be within γ(k+3) · (|α||A||B| + |β||C|) of the product in Double, where
/// γ(x) = x u / (1 − x u) and u = 2⁻²⁴. Memory around C and between its rows must not change.
struct ProductGrid {
  /// The pairs of α and β, of 16, that each product is computed with.
  enum Coverage {
    /// One random pair for each size and transposition.
    case sampled
    /// Every pair.
    case thorough
  }

  struct Report {
    var productCount = 0
    /// The largest error as a fraction of its bound.
    var worstShare = 0.0
    var worstProduct = ""
    /// The first few failures.
    var failures: [String] = []
    /// The combinations of transposition, α and β that were computed.
    var combinations: Set<String> = []
  }

  static let factors: [Float] = [0, 1, 0.7, -1.3]
  private static let paddings = [0, 1, 3, 8]
  private static let guardCount = 16
  private static let unitRoundoff = Double(Float.ulpOfOne) / 2

  let kernels: any Kernels
  let coverage: Coverage
  private let reference = ProductReference.shared
  private var generator = SeededGenerator(seed: 22)
  private(set) var report = Report()
  private var c: [Float] = []

  init(kernels: any Kernels, coverage: Coverage) {
    self.kernels = kernels
    self.coverage = coverage
  }

  /// Runs all products.
  ///
  /// - Parameter transpositions: the number of transpositions, of 4, to run for each size, in rotation.
  mutating func run(transpositions: Int = 4) throws {
    var turn = 0
    for m in ProductReference.sizes {
      for n in ProductReference.sizes {
        for k in ProductReference.sizes {
          for _ in 0..<transpositions {
            try run(m: m, n: n, k: k, transposition: turn % 4)
            turn += 1
          }
          // Shift the rotation, so that a size does not get the same transposition again.
          if transpositions < 4 { turn += Int.random(in: 0..<4, using: &generator) }
        }
      }
    }
  }

  private mutating func run(m: Int, n: Int, k: Int, transposition: Int) throws {
    let extent = ProductReference.extent
    let a = StoredMatrix(
      rows: m, columns: k, isTransposed: transposition & 1 != 0, padding: padding()
    ) { row, column in reference.a[row * extent + column] }
    let b = StoredMatrix(
      rows: k, columns: n, isTransposed: transposition & 2 != 0, padding: padding()
    ) { row, column in reference.b[row * extent + column] }
    let pairs =
      switch coverage {
      case .sampled: [Int.random(in: 0..<16, using: &generator)]
      case .thorough: Array(0..<16)
      }
    for pair in pairs {
      try run(a, b, alpha: Self.factors[pair / 4], beta: Self.factors[pair % 4])
    }
  }

  private mutating func padding() -> Int {
    Self.paddings[Int.random(in: 0..<Self.paddings.count, using: &generator)]
  }

  private mutating func run(
    _ a: StoredMatrix, _ b: StoredMatrix, alpha: Float, beta: Float
  ) throws {
    let (m, n, k) = (a.rowCount, b.columnCount, a.columnCount)
    let leadingDimension = n + padding()
    fillC(m: m, n: n, leadingDimension: leadingDimension, beta: beta)
    let kernels = kernels
    try a.scalars.withUnsafeBufferPointer { aBuffer in
      try b.scalars.withUnsafeBufferPointer { bBuffer in
        try c.withUnsafeMutableBufferPointer { cBuffer in
          guard let a0 = aBuffer.baseAddress, let b0 = bBuffer.baseAddress,
            let c0 = cBuffer.baseAddress
          else { return }
          try kernels.multiply(
            MatrixProduct(
              m: m, n: n, k: k, alpha: alpha,
              a: .init(a0, leadingDimension: a.leadingDimension, isTransposed: a.isTransposed),
              b: .init(b0, leadingDimension: b.leadingDimension, isTransposed: b.isTransposed),
              beta: beta, c: c0 + Self.guardCount, cLeadingDimension: leadingDimension))
        }
      }
    }
    let name =
      "[\(m), \(k)]\(a.isTransposed ? "ᵀ" : "") · [\(k), \(n)]\(b.isTransposed ? "ᵀ" : "")"
      + " α = \(alpha) β = \(beta) ld \(a.leadingDimension), \(b.leadingDimension),"
      + " \(leadingDimension)"
    report.productCount += 1
    report.combinations.insert("\(a.isTransposed) \(b.isTransposed) \(alpha) \(beta)")
    check(m: m, n: n, k: k, leadingDimension: leadingDimension, alpha: alpha, beta: beta, name)
  }

  /// The former C, or NaN if β = 0, which must not be read; with guards around and gaps between rows.
  private mutating func fillC(m: Int, n: Int, leadingDimension: Int, beta: Float) {
    let extent = ProductReference.extent
    let count = 2 * Self.guardCount + m * leadingDimension
    c.removeAll(keepingCapacity: true)
    c.append(contentsOf: repeatElement(StoredMatrix.gap, count: count))
    for row in 0..<m {
      let start = Self.guardCount + row * leadingDimension
      for column in 0..<n {
        c[start + column] = beta == 0 ? .nan : reference.c[row * extent + column]
      }
    }
  }

  private mutating func check(
    m: Int, n: Int, k: Int, leadingDimension: Int, alpha: Float, beta: Float, _ name: String
  ) {
    guard let sums = reference.sums[k], let magnitudes = reference.magnitudes[k] else { return }
    let extent = ProductReference.extent
    let roundings = Double(k + 3) * Self.unitRoundoff
    let gamma = roundings / (1 - roundings)
    var worst = 0.0
    var untouched = 2 * Self.guardCount + m * (leadingDimension - n)
    for scalar in c.prefix(Self.guardCount) where Self.isGap(scalar) { untouched -= 1 }
    for scalar in c.suffix(Self.guardCount) where Self.isGap(scalar) { untouched -= 1 }
    for row in 0..<m {
      let start = Self.guardCount + row * leadingDimension
      for column in 0..<n {
        let position = row * extent + column
        let former = Double(reference.c[position])
        let expected = Double(alpha) * sums[position] + Double(beta) * former
        let bound =
          gamma
          * (Double(alpha.magnitude) * magnitudes[position]
            + Double(beta.magnitude) * former.magnitude)
        let error = (Double(c[start + column]) - expected).magnitude
        // An error of 0 with a bound of 0 passes; NaN does not.
        let share = error == 0 ? 0 : error / bound
        worst = share <= worst ? worst : share
        if share.isNaN { worst = .infinity }
      }
      for column in n..<leadingDimension where Self.isGap(c[start + column]) { untouched -= 1 }
    }
    if worst > report.worstShare {
      report.worstShare = worst
      report.worstProduct = name
    }
    if worst > 1 { fail("\(name): \(worst) of the bound") }
    if untouched != 0 { fail("\(name): wrote outside C") }
  }

  private static func isGap(_ scalar: Float) -> Bool {
    scalar.bitPattern == StoredMatrix.gap.bitPattern
  }

  private mutating func fail(_ message: String) {
    if report.failures.count < 10 { report.failures.append(message) }
  }
}
