import Attention

/// General matrix products with all transpositions, padded rows and factors, against sums in Double.
struct GeneralProductCheck: VerificationCheck {
  let name = "gemm"
  let summary = "α · op(A) · op(B) + β · C"
  let caseCount = 300

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let (m, n, k) = (generator.size(1...140), generator.size(1...140), generator.size(1...300))
    let (alpha, beta) = (
      generator.pick([1, 0.7, -1.3] as [Float]), generator.pick([0, 1, -0.4] as [Float])
    )
    let (transposesA, transposesB) = (generator.oneIn(2), generator.oneIn(2))
    let padding = generator.pick([0, 1, 16])
    let aRow = (transposesA ? m : k) + padding
    let bRow = (transposesB ? k : n) + padding
    let cRow = n + padding
    let a = try generator.scalars((transposesA ? k : m) * aRow)
    let b = try generator.scalars((transposesB ? n : k) * bRow)
    let before = try generator.scalars(m * cRow)
    // β = 0 must not read C.
    var c = beta == 0 ? Array(repeating: .nan, count: m * cRow) : before
    try a.withUnsafeBufferPointer { a in
      try b.withUnsafeBufferPointer { b in
        try c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          try subject.kernels.multiply(
            MatrixProduct(
              m: m, n: n, k: k, alpha: alpha,
              a: .init(a, leadingDimension: aRow, isTransposed: transposesA),
              b: .init(b, leadingDimension: bRow, isTransposed: transposesB), beta: beta, c: c,
              cLeadingDimension: cRow))
        }
      }
    }
    var meter = ErrorMeter()
    for row in 0..<m {
      for column in 0..<n {
        var (sum, size) = (0.0, 0.0)
        for index in 0..<k {
          let left = a[transposesA ? index * aRow + row : row * aRow + index]
          let right = b[transposesB ? column * bRow + index : index * bRow + column]
          sum += Double(left) * Double(right)
          size += Double(abs(left)) * Double(abs(right))
        }
        let place = row * cRow + column
        let kept = beta == 0 ? 0 : Double(beta) * Double(before[place])
        meter.add(
          c[place], Double(alpha) * sum + kept,
          within: gamma(k + 3) * (Double(abs(alpha)) * size + abs(kept)))
      }
    }
    return Measurement(
      input: """
        [\(m), \(k)]\(transposesA ? "ᵀ" : "") · [\(k), \(n)]\(transposesB ? "ᵀ" : ""), α \(alpha), \
        β \(beta)
        """, meter)
  }
}
