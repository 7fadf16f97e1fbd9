/// Checks in about a millisecond whether a BLAS computes correctly on this processor.
///
/// The operands are small integers, so that every correct kernel gives exact results, whatever its order
/// of additions. The results are compared by C · t = α · A · (B · t) + β · C₀ · t for one vector t without
/// zeros, which costs far less than the product: a single wrong element of a row changes its sum.
///
/// - Source: Freivalds 1977.
package enum KernelSelfTest {
  /// One product's sizes; leading dimensions are padded by a few scalars.
  private struct Size {
    let m: Int
    let n: Int
    let k: Int
  }

  /// Products in every combination of transpositions: odd edges, single rows and columns, and products on
  /// both sides of one million multiplications, where libraries switch from small-matrix kernels to packed
  /// ones.
  private static let generalSizes = [
    Size(m: 1, n: 64, k: 96), Size(m: 64, n: 1, k: 33), Size(m: 5, n: 7, k: 9),
    Size(m: 17, n: 33, k: 17), Size(m: 31, n: 101, k: 3), Size(m: 100, n: 99, k: 101),
    Size(m: 101, n: 127, k: 129),
  ]

  /// The blocks of layers and attention; see `BLASPlan`.
  private static let blockSizes: [Size] = {
    let (width, rows, depth) = (
      PanelProduct.width, Tuning.BLAS.panelRows, Tuning.BLAS.kBlock
    )
    let (strip, keys) = (Tuning.BLAS.strip, Tuning.BLAS.keyBlock)
    return [
      // Layers: whole blocks, and all remainders of rows.
      Size(m: rows, n: width, k: depth), Size(m: rows - 1, n: width, k: depth / 2),
      Size(m: 2, n: width, k: depth), Size(m: 3, n: width, k: 65), Size(m: 4, n: width, k: 64),
      Size(m: 5, n: width, k: 63),
      // QKᵀ and PV, with heads of 64 and 128.
      Size(m: 16, n: keys, k: 64), Size(m: strip, n: keys / 2, k: 128), Size(m: 7, n: 48, k: 40),
      Size(m: 16, n: 64, k: keys), Size(m: strip, n: 128, k: keys / 2), Size(m: 7, n: 80, k: 33),
    ]
  }()

  /// Keys that a few queries read in place: op(B) is transposed.
  private static let transposedSizes = [
    Size(m: 4, n: 300, k: 64), Size(m: 2, n: 600, k: 33), Size(m: 12, n: 100, k: 128),
  ]

  private static let padding = 3
  private static let sentinel: Float = 77

  /// A description of the first wrong product; nil when all are right.
  package static func firstFailure(of multiply: (MatrixProduct) -> Void) -> String? {
    let numbers = Numbers()
    func failure(_ size: Size, _ transposesA: Bool, _ transposesB: Bool, isFirst: Bool) -> String? {
      Trial(
        size: size, transposesA: transposesA, transposesB: transposesB,
        alpha: isFirst ? 1 : 0.5, beta: isFirst ? 0 : -3, numbers: numbers
      ).failure(of: multiply)
    }
    for (index, size) in generalSizes.enumerated() {
      for transposition in 0..<4 {
        // Alternate between the two pairs of factors, so that every transposition is tested with both.
        let isFirst = (index + transposition / 2).isMultiple(of: 2)
        if let failure = failure(
          size, transposition & 1 != 0, transposition & 2 != 0, isFirst: isFirst)
        {
          return failure
        }
      }
    }
    for isFirst in [true, false] {
      for size in blockSizes {
        if let failure = failure(size, false, false, isFirst: isFirst) { return failure }
      }
      for size in transposedSizes {
        if let failure = failure(size, false, true, isFirst: isFirst) { return failure }
      }
    }
    return nil
  }

  /// Random integers, of which all operands are parts. The sums of `Tuning.BLAS.kBlock` products are below
  /// 2²⁴. `wide` has more bits than bfloat16, whose use would be an error.
  private struct Numbers {
    static let count = 36 << 10
    let wide: [Float]
    let narrow: [Float]

    init() {
      var generator = SplitMix64(seed: 1)
      var (wide, narrow) = (
        [Float](repeating: 0, count: Self.count), [Float](repeating: 0, count: Self.count)
      )
      for index in wide.indices {
        let bits = generator.next()
        wide[index] = Float(Int(bits & 1023) - 511)
        narrow[index] = Float(Int(bits >> 32 & 15) - 7)
      }
      (self.wide, self.narrow) = (wide, narrow)
    }
  }

  private struct Trial {
    let size: Size
    let transposesA: Bool
    let transposesB: Bool
    let alpha: Float
    let beta: Float
    let numbers: Numbers

    private var aLeading: Int { (transposesA ? size.m : size.k) + padding }
    private var bLeading: Int { (transposesB ? size.k : size.n) + padding }
    private var cLeading: Int { size.n + padding }

    func failure(of multiply: (MatrixProduct) -> Void) -> String? {
      // One operand is wide and the other narrow, in turn.
      let (a, b) =
        size.m.isMultiple(of: 2)
        ? (numbers.wide, numbers.narrow) : (numbers.narrow, numbers.wide)
      let before = before
      var c = before
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          c.withUnsafeMutableBufferPointer { c in
            guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else {
              return
            }
            multiply(
              MatrixProduct(
                uncheckedM: size.m, n: size.n, k: size.k, alpha: alpha,
                a: .init(a, leadingDimension: aLeading, isTransposed: transposesA),
                b: .init(b, leadingDimension: bLeading, isTransposed: transposesB),
                beta: beta, c: c, cLeadingDimension: cLeading))
          }
        }
      }
      let t = (0..<size.n).map { Double($0 % 5 + 1) }
      let bt = product(b, transposesB, size.k, size.n, bLeading, t)
      let expected = product(a, transposesA, size.m, size.k, aLeading, bt)
      let former = product(before, false, size.m, size.n, cLeading, t)
      let found = product(c, false, size.m, size.n, cLeading, t)
      for row in 0..<size.m {
        let kept = beta == 0 ? 0 : Double(beta) * former[row]
        let gap = c[row * cLeading + size.n..<(row + 1) * cLeading]
        guard found[row] == Double(alpha) * expected[row] + kept,
          gap.allSatisfy({ $0 == sentinel })
        else {
          return """
            the product [\(size.m), \(size.k)]\(transposesA ? "ᵀ" : "") · \
            [\(size.k), \(size.n)]\(transposesB ? "ᵀ" : "") with α = \(alpha), β = \(beta) has a \
            wrong number in row \(row)
            """
        }
      }
      return nil
    }

    /// C before the product. β = 0 must not read C; the gaps between its rows must not change.
    private var before: [Float] {
      var c = [Float](repeating: sentinel, count: size.m * cLeading)
      for row in 0..<size.m {
        for column in row * cLeading..<row * cLeading + size.n {
          c[column] = beta == 0 ? .nan : 2 * numbers.narrow[column]
        }
      }
      return c
    }

    /// op(X) · t, exactly.
    private func product(
      _ x: [Float], _ isTransposed: Bool, _ rows: Int, _ columns: Int, _ leadingDimension: Int,
      _ t: [Double]
    ) -> [Double] {
      var sums = [Double](repeating: 0, count: rows)
      x.withUnsafeBufferPointer { x in
        t.withUnsafeBufferPointer { t in
          sums.withUnsafeMutableBufferPointer { sums in
            guard let x = x.baseAddress, let t = t.baseAddress, let sums = sums.baseAddress
            else { return }
            if isTransposed {
              for column in 0..<columns {
                let (start, factor) = (x + column * leadingDimension, t[column])
                for row in 0..<rows { sums[row] += Double(start[row]) * factor }
              }
            } else {
              for row in 0..<rows { sums[row] = dot(x + row * leadingDimension, t, columns) }
            }
          }
        }
      }
      return sums
    }

    /// x · y, with several sums, because each addition depends on the previous one.
    private func dot(
      _ x: UnsafePointer<Float>, _ y: UnsafePointer<Double>, _ count: Int
    ) -> Double {
      typealias Lanes = SIMD8<Double>
      var (lanes, index) = (Lanes(), 0)
      while index + Lanes.scalarCount <= count {
        let left = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self)
        let right = UnsafeRawPointer(y + index).loadUnaligned(as: Lanes.self)
        lanes += Lanes(left) * right
        index += Lanes.scalarCount
      }
      var sum = lanes.sum()
      while index < count {
        sum += Double(x[index]) * y[index]
        index += 1
      }
      return sum
    }
  }
}
