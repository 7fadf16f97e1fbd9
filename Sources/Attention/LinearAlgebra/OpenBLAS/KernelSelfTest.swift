/// Checks in a few milliseconds whether a BLAS computes correctly on this processor, by comparing its
/// products with products of this package's kernels.
///
/// The error of both may be γ(k+3) · (|α||A||B| + |β||C|) per element; the error of a wrong kernel is
/// far larger.
package enum KernelSelfTest {
  /// One product's sizes; leading dimensions are padded by a few scalars.
  private struct Size {
    let m: Int
    let n: Int
    let k: Int
  }

  /// Attention's tiles, single rows, odd edges, and products on both sides of one million
  /// multiplications, where libraries switch from small-matrix kernels to packed ones.
  private static let sizes = [
    Size(m: 64, n: 64, k: 64), Size(m: 128, n: 64, k: 48), Size(m: 16, n: 96, k: 96),
    Size(m: 1, n: 64, k: 96), Size(m: 64, n: 1, k: 33), Size(m: 17, n: 33, k: 65),
    Size(m: 5, n: 7, k: 9), Size(m: 31, n: 101, k: 3), Size(m: 101, n: 127, k: 129),
  ]

  /// Computes the expected results. Without optimization, SIMD types are slower than the triple loop.
  private static let reference: any Kernels = {
    #if DEBUG
      ReferenceKernels()
    #else
      PortableKernels()
    #endif
  }()

  private static let padding = 3
  private static let sentinel: Float = 77

  /// A description of the first wrong product; nil when all are right.
  package static func firstFailure(of multiply: (MatrixProduct) -> Void) -> String? {
    var generator = SplitMix64(seed: 1)
    for (index, size) in sizes.enumerated() {
      for transposition in 0..<4 {
        // Alternate between the two pairs, so that every transposition is tested with both.
        let (alpha, beta): (Float, Float) =
          (index + transposition / 2).isMultiple(of: 2) ? (1, 0) : (0.7, -1.3)
        let trial = Trial(
          size: size, transposesA: transposition & 1 != 0, transposesB: transposition & 2 != 0,
          alpha: alpha, beta: beta, generator: &generator)
        do {
          if let failure = try trial.failure(of: multiply) { return failure }
        } catch {
          return "\(error)"
        }
      }
    }
    return nil
  }

  /// One product over random operands.
  private struct Trial {
    let size: Size
    let transposesA: Bool
    let transposesB: Bool
    let alpha: Float
    let beta: Float
    let a: [Float]
    let b: [Float]
    let c: [Float]

    private var aLeading: Int { (transposesA ? size.m : size.k) + padding }
    private var bLeading: Int { (transposesB ? size.k : size.n) + padding }
    private var cLeading: Int { size.n + padding }

    init(
      size: Size, transposesA: Bool, transposesB: Bool, alpha: Float, beta: Float,
      generator: inout SplitMix64
    ) {
      self.size = size
      self.transposesA = transposesA
      self.transposesB = transposesB
      self.alpha = alpha
      self.beta = beta
      let aRow = (transposesA ? size.m : size.k) + padding
      let bRow = (transposesB ? size.k : size.n) + padding
      a = Self.scalars((transposesA ? size.k : size.m) * aRow, &generator)
      b = Self.scalars((transposesB ? size.n : size.k) * bRow, &generator)
      let cRow = size.n + padding
      let cNoise = Self.scalars(size.m * cRow, &generator)
      c = cNoise.indices.map { index in
        // β = 0 must not read C; the gaps between its rows must not change.
        index % cRow >= size.n ? sentinel : beta == 0 ? .nan : cNoise[index]
      }
    }

    /// Scalars in −1 ..< 1.
    private static func scalars(_ count: Int, _ generator: inout SplitMix64) -> [Float] {
      (0..<count).map { _ in Float(generator.next() >> 40) / Float(1 << 23) - 1 }
    }

    func failure(of multiply: (MatrixProduct) -> Void) throws -> String? {
      let got = try run(multiply, alpha: alpha, a: a, b: b, beta: beta, c: c)
      let expected = try run(
        reference.multiply, alpha: alpha, a: a, b: b, beta: beta, c: c)
      let magnitudes = try run(
        reference.multiply, alpha: alpha.magnitude, a: a.map(\.magnitude),
        b: b.map(\.magnitude), beta: beta.magnitude, c: c.map(\.magnitude))
      let roundings = Float(size.k + 3) * (Float.ulpOfOne / 2)
      for index in got.indices {
        let isPadding = index % cLeading >= size.n
        let bound = isPadding ? 0 : 2 * roundings / (1 - roundings) * magnitudes[index]
        guard abs(got[index] - expected[index]) <= bound else {
          return """
            the product [\(size.m), \(size.k)]\(transposesA ? "ᵀ" : "") · \
            [\(size.k), \(size.n)]\(transposesB ? "ᵀ" : "") with α = \(alpha), β = \(beta) has \
            \(got[index]) at [\(index / cLeading), \(index % cLeading)] instead of \
            \(expected[index])
            """
        }
      }
      return nil
    }

    private func run(
      _ multiply: (MatrixProduct) throws -> Void, alpha: Float, a: [Float], b: [Float], beta: Float,
      c: [Float]
    ) throws -> [Float] {
      var c = c
      try a.withUnsafeBufferPointer { a in
        try b.withUnsafeBufferPointer { b in
          try c.withUnsafeMutableBufferPointer { c in
            guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else {
              return
            }
            try multiply(
              MatrixProduct(
                m: size.m, n: size.n, k: size.k, alpha: alpha,
                a: .init(a, leadingDimension: aLeading, isTransposed: transposesA),
                b: .init(b, leadingDimension: bLeading, isTransposed: transposesB),
                beta: beta, c: c, cLeadingDimension: cLeading))
          }
        }
      }
      return c
    }
  }
}
