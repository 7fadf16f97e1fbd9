import Attention

/// Products with the faults that BLAS kernels have had.
enum BrokenProduct: String, CaseIterable, Sendable {
  case doesNothing
  case ignoresBeta
  case readsCWhereBetaIsZero
  case dropsTheLastOfK
  case ignoresTransposition
  case writesBetweenRows
  case losesTheLastColumnOfOddWidths
  case losesTheLastRowOfLargeOnes
  case isImprecise

  /// The portable product, with this fault.
  @Sendable func multiply(_ product: MatrixProduct) {
    let (m, n) = (product.m, product.n)
    let corner = product.c + (m - 1) * product.cLeadingDimension + n - 1
    switch self {
    case .doesNothing:
      break
    case .ignoresBeta:
      compute(product, beta: 1)
    case .readsCWhereBetaIsZero:
      for row in 0..<m {
        for column in 0..<n {
          product.c[row * product.cLeadingDimension + column] *= product.beta
        }
      }
      compute(product, beta: 1)
    case .dropsTheLastOfK:
      compute(product, k: product.k - 1)
    case .ignoresTransposition:
      var a = product.a
      if a.isTransposed && m == product.k { a.isTransposed = false }
      compute(product, a: a)
    case .writesBetweenRows:
      compute(product)
      if m > 1 && product.cLeadingDimension > n { corner[1 - product.cLeadingDimension] = 0 }
    case .losesTheLastColumnOfOddWidths:
      compute(product)
      if n % 16 == 1 { corner.pointee = 0 }
    case .losesTheLastRowOfLargeOnes:
      compute(product)
      if m * n * product.k > 1_000_000 { (corner - n + 1).update(repeating: 0, count: n) }
    case .isImprecise:
      compute(product)
      corner.pointee *= 1.001
    }
  }

  private func compute(
    _ product: MatrixProduct, k: Int? = nil, a: MatrixProduct.Operand? = nil, beta: Float? = nil
  ) {
    guard
      let changed = try? MatrixProduct(
        m: product.m, n: product.n, k: k ?? product.k, alpha: product.alpha, a: a ?? product.a,
        b: product.b, beta: beta ?? product.beta, c: product.c,
        cLeadingDimension: product.cLeadingDimension)
    else { return }
    try? PortableKernels().multiply(changed)
  }
}
