import Attention

/// General matrix products with all transpositions, padded rows and factors, against sums in Double. Every
/// third product is of small integers, for which every correct kernel is exact.
package struct GeneralProductCheck: VerificationCheck {
  package let name = "gemm"
  package let summary = "α op(A) op(B) + β C: general products"
  package let caseCount = 300

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    // Libraries switch kernels with k, too.
    let k = generator.size(1...generator.pick([300, 300, 300, 300, 2_500]))
    let most = max(1, generator.work(4_000_000) / k)
    let m = generator.size(1...min(140, most))
    let n = generator.size(1...min(140, max(1, most / m)))
    var combination = generator.combination
    let transposes = (combination.pick([false, true]), combination.pick([false, true]))
    let isInteger = combination.pick([false, false, true])
    return try Product(
      &generator, m: m, n: n, k: k, transposes: transposes, isInteger: isInteger
    ).prepared
  }
}

/// A product, its operands, and its exact result.
struct Product: Sendable {
  private let (m, n, k): (Int, Int, Int)
  private let (alpha, beta): (Float, Float)
  private let transposes: (a: Bool, b: Bool)
  private let isInteger: Bool
  private let (aRow, bRow, cRow): (Int, Int, Int)
  private let (a, b, before): ([Float], [Float], [Float])
  /// The exact result and the sum of the magnitudes of each element, `[m, n]`, and the largest error of a
  /// loop in float32.
  private let exact: [Double]
  private let magnitudes: [Double]
  private let naiveError: Double

  init(
    _ generator: inout CaseGenerator, m: Int, n: Int, k: Int, transposes: (Bool, Bool),
    isInteger: Bool
  ) throws {
    (self.m, self.n, self.k, self.isInteger) = (m, n, k, isInteger)
    self.transposes = (transposes.0, transposes.1)
    let alpha = generator.pick((isInteger ? [1, -1, 2] : [1, 0.7, -1.3]) as [Float])
    let beta = generator.pick((isInteger ? [0, 1, -2] : [0, 1, -0.4]) as [Float])
    let padding = generator.pick([0, 1, 16])
    let aRow = (transposes.0 ? m : k) + padding
    let bRow = (transposes.1 ? k : n) + padding
    let cRow = n + padding
    (self.alpha, self.beta, self.aRow, self.bRow, self.cRow) = (alpha, beta, aRow, bRow, cRow)
    func numbers(_ count: Int) throws -> [Float] {
      let numbers = try generator.scalars(count)
      // |sum| ≤ 2 · k · 8² + 2 · 8 < 2²⁴ for k up to 100,000: exact in float32 in any order.
      return isInteger ? numbers.map { max(-8, min(8, (4 * $0).rounded())) } : numbers
    }
    let a = try numbers((transposes.0 ? k : m) * aRow)
    let b = try numbers((transposes.1 ? n : k) * bRow)
    let before = try numbers(m * cRow)
    (self.a, self.b, self.before) = (a, b, before)

    var (exact, magnitudes, naiveError) = ([Double](), [Double](), 0.0)
    let (aStep, bStep) = (transposes.0 ? aRow : 1, transposes.1 ? 1 : bRow)
    try a.withUnsafeBufferPointer { a in
      try b.withUnsafeBufferPointer { b in
        for row in 0..<m {
          try Task.checkCancellation()
          for column in 0..<n {
            var (sum, size, naive) = (0.0, 0.0, Float(0))
            var (left, right) = (
              transposes.0 ? row : row * aRow, transposes.1 ? column * bRow : column
            )
            for _ in 0..<k {
              let product = Double(a[left]) * Double(b[right])
              sum += product
              size += abs(product)
              naive += a[left] * b[right]
              left += aStep
              right += bStep
            }
            let kept = beta == 0 ? 0 : Double(beta) * Double(before[row * cRow + column])
            let value = Double(alpha) * sum + kept
            exact.append(value)
            magnitudes.append(Double(abs(alpha)) * size + abs(kept))
            naiveError = max(naiveError, abs(Double(alpha * naive + Float(kept)) - value))
          }
        }
      }
    }
    (self.exact, self.magnitudes, self.naiveError) = (exact, magnitudes, naiveError)
  }

  var description: String {
    """
    [\(m), \(k)]\(transposes.a ? "ᵀ" : "") · [\(k), \(n)]\(transposes.b ? "ᵀ" : ""), α \(alpha), \
    β \(beta)\(isInteger ? ", integers" : "")
    """
  }

  var prepared: PreparedCase { PreparedCase(description) { try errors(of: $0) } }

  private func errors(of subject: VerificationSubject) throws -> ErrorMeter {
    // β = 0 must not read C. Nothing may change the gaps between its rows.
    var c = beta == 0 ? Array(repeating: .nan, count: m * cRow) : before
    let start = c
    try a.withUnsafeBufferPointer { a in
      try b.withUnsafeBufferPointer { b in
        try c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          try subject.kernels.multiply(
            MatrixProduct(
              m: m, n: n, k: k, alpha: alpha,
              a: .init(a, leadingDimension: aRow, isTransposed: transposes.a),
              b: .init(b, leadingDimension: bRow, isTransposed: transposes.b), beta: beta, c: c,
              cLeadingDimension: cRow))
        }
      }
    }
    var meter = ErrorMeter()
    for row in 0..<m {
      for column in 0..<n {
        let index = row * n + column
        meter.add(
          c[row * cRow + column], exact[index],
          within: isInteger
            ? 0 : productBound(k: k, magnitudes: magnitudes[index], naiveError: naiveError))
      }
      let gap = row * cRow + n..<(row + 1) * cRow
      meter.addBits(Array(c[gap]), Array(start[gap]))
    }
    return meter
  }
}
