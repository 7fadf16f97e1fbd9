import Attention
import TestSupport
import Testing

@Suite struct ProductTests {
  private static let transpositions = [(false, false), (true, false), (false, true), (true, true)]

  /// Sizes on both sides of every change: in place or packed, one K-block or two, one block of columns or
  /// two.
  private static let sizes = [
    (1, 1, 1), (1, 257, 128), (3, 5, 7), (257, 1, 99), (8, 100, 101), (9, 8, 257), (40, 7, 33),
    (17, 33, 65), (64, 64, 64), (16, 16, 16), (17, 16, 16), (100, 100, 101), (12, 20, 256),
    (12, 20, 258), (12, 20, 513), (20, 512, 9), (20, 513, 9), (20, 1030, 30), (257, 257, 257),
  ]

  @Test(arguments: KernelsUnderTest.multipliers)
  func `products of small integers are exact`(_ subject: KernelsUnderTest) throws {
    var generator = SeededGenerator(seed: 31)
    // |sum| ≤ 2 · 513 · 8 · 8 + 3 · 8, far below 2²⁴.
    func draw(_ count: Int) -> [Int] {
      (0..<count).map { _ in Int.random(in: -8...8, using: &generator) }
    }
    for (m, n, k) in Self.sizes {
      let (a, b, c) = (draw(m * k), draw(k * n), draw(m * n))
      var sums = [Int](repeating: 0, count: m * n)
      for i in 0..<m {
        for p in 0..<k {
          for j in 0..<n { sums[i * n + j] += a[i * k + p] * b[p * n + j] }
        }
      }
      for (transposesA, transposesB) in Self.transpositions {
        for (alpha, beta) in [(1, 0), (-2, 3)] {
          let left = StoredMatrix(rows: m, columns: k, isTransposed: transposesA) {
            Float(a[$0 * k + $1])
          }
          let right = StoredMatrix(rows: k, columns: n, isTransposed: transposesB) {
            Float(b[$0 * n + $1])
          }
          var result = StoredMatrix(rows: m, columns: n) { Float(c[$0 * n + $1]) }
          try subject.kernels.multiply(
            alpha: Float(alpha), left, right, beta: Float(beta), into: &result)
          let expected = StoredMatrix(rows: m, columns: n) {
            Float(alpha * sums[$0 * n + $1] + beta * c[$0 * n + $1])
          }
          // Compared outside of #expect, which would print both arrays.
          let isExact = result.scalars.dropLast() == expected.scalars.dropLast()
          #expect(
            isExact,
            "[\(m), \(k)] · [\(k), \(n)], transposed: \(transposesA), \(transposesB)")
        }
      }
    }
  }

  private static let largeSizes: [(Int, Int, Int)] = {
    #if DEBUG
      [(70, 53, 110)]
    #else
      [(700, 530, 1100), (1, 5000, 3000), (2000, 3, 3000), (1030, 1029, 513), (5, 1500, 4000)]
    #endif
  }()

  /// Compares C t with A (B t) for a random t, which checks all of C in the time of reading it.
  @Test(arguments: [KernelsUnderTest.openBLAS] + KernelsUnderTest.all)
  func `a large product times a vector equals A (B t)`(
    _ subject: KernelsUnderTest
  ) throws {
    var generator = SeededGenerator(seed: 32)
    for (m, n, k) in Self.largeSizes {
      let t = (0..<n).map { _ in Double.random(in: -1..<1, using: &generator) }
      for (transposesA, transposesB) in Self.transpositions {
        let a = StoredMatrix(rows: m, columns: k, isTransposed: transposesA, padding: 5) { _, _ in
          Float.random(in: -1..<1, using: &generator)
        }
        let b = StoredMatrix(rows: k, columns: n, isTransposed: transposesB, padding: 2) { _, _ in
          Float.random(in: -1..<1, using: &generator)
        }
        var c = StoredMatrix(rows: m, columns: n, padding: 1) { _, _ in .nan }
        try subject.kernels.multiply(a, b, into: &c)
        let inner = (0..<k).map { row in t.indices.reduce(0.0) { $0 + Double(b[row, $1]) * t[$1] } }
        let innerMagnitude = (0..<k).map { row in
          t.indices.reduce(0.0) { $0 + Double(b[row, $1]).magnitude * t[$1].magnitude }
        }
        let roundings = Double(k + 3) * Double(Float.ulpOfOne) / 2
        for i in 0..<m {
          let got = t.indices.reduce(0.0) { $0 + Double(c[i, $1]) * t[$1] }
          let expected = inner.indices.reduce(0.0) { $0 + Double(a[i, $1]) * inner[$1] }
          let bound = inner.indices.reduce(0.0) {
            $0 + Double(a[i, $1]).magnitude * innerMagnitude[$1]
          }
          guard (got - expected).magnitude <= roundings / (1 - roundings) * bound else {
            Issue.record("row \(i) of [\(m), \(k)] · [\(k), \(n)]: \(got), not \(expected)")
            break
          }
        }
      }
    }
  }

  @Test(
    arguments: KernelsUnderTest.multipliers, [(3, 5, 4), (9, 11, 30), (33, 17, 65), (128, 64, 64)])
  func `a NaN in A affects only its row, a NaN in B only its column`(
    _ subject: KernelsUnderTest, _ size: (m: Int, n: Int, k: Int)
  ) throws {
    for (transposesA, transposesB) in Self.transpositions {
      let a = StoredMatrix(rows: size.m, columns: size.k, isTransposed: transposesA, padding: 1) {
        $0 == 1 && $1 == 2 ? .nan : 1
      }
      let b = StoredMatrix(rows: size.k, columns: size.n, isTransposed: transposesB, padding: 1) {
        $0 == 3 && $1 == 2 ? .infinity : 0
      }
      var c = StoredMatrix(rows: size.m, columns: size.n) { _, _ in 0 }
      try subject.kernels.multiply(a, b, into: &c)
      for row in 0..<size.m {
        for column in 0..<size.n {
          if row == 1 {
            #expect(c[row, column].isNaN)
          } else {
            #expect(c[row, column] == (column == 2 ? .infinity : 0))
          }
        }
      }
    }
  }

  @Test(arguments: KernelsUnderTest.multipliers)
  func `with k = 0 or α = 0 the result is β C, and A and B are not read`(
    _ subject: KernelsUnderTest
  ) throws {
    for (k, alpha) in [(0, 1), (0, 0), (7, 0)] as [(Int, Float)] {
      let a = StoredMatrix(rows: 5, columns: k) { _, _ in .nan }
      let b = StoredMatrix(rows: k, columns: 6) { _, _ in .nan }
      for beta in [0, 1, -2] as [Float] {
        var c = StoredMatrix(rows: 5, columns: 6, padding: 2) { row, column in
          beta == 0 ? .nan : Float(row - column)
        }
        try subject.kernels.multiply(alpha: alpha, a, b, beta: beta, into: &c)
        for row in 0..<5 {
          for column in 0..<6 {
            #expect(c[row, column] == (beta == 0 ? 0 : beta * Float(row - column)))
          }
        }
      }
    }
  }
}
