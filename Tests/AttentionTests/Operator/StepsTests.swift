import Attention
import Foundation
import TestSupport
import Testing

/// The steps of attention: products, scores, softmax and weighted sums, single and combined.
@Suite struct StepsTests {
  private let u = Double(Float.ulpOfOne) / 2

  // MARK: Products

  /// A · B in Double, and |A| · |B|.
  private func exactProduct(
    _ a: MatrixView, _ b: MatrixView
  ) throws -> (sums: [Double], magnitudes: [Double]) {
    var (sums, magnitudes): ([Double], [Double]) = ([], [])
    for row in 0..<a.rowCount {
      for column in 0..<b.columnCount {
        let products = (0..<a.columnCount).map {
          Double(a[row, $0]) * Double(b[$0, column])
        }
        sums.append(products.reduce(0, +))
        magnitudes.append(products.reduce(0) { $0 + abs($1) })
      }
    }
    return (sums, magnitudes)
  }

  private func expectProduct(
    _ result: Tensor, _ a: MatrixView, _ b: MatrixView, scale: Double = 1
  ) throws {
    #expect(result.shape == [a.rowCount, b.columnCount])
    let exact = try exactProduct(a, b)
    let roundings = Double(a.columnCount + 3) * u
    for (index, got) in result.scalars.enumerated() {
      let bound = roundings / (1 - roundings) * abs(scale) * exact.magnitudes[index]
      #expect(abs(Double(got) - scale * exact.sums[index]) <= bound)
    }
  }

  @Test(arguments: Backend.all)
  func `a product accepts views of rows, columns and heads, transposed or not`(
    backend: Backend
  ) throws {
    var generator = SeededGenerator(seed: 20)
    let packed = try generator.normalTensor([21, 3, 5])
    let matrix = try generator.normalTensor([9, 30])
    let factors = [
      (try packed.head(1), try packed.head(2).transposed),
      (try packed.head(0).transposed, try packed.head(2)),
      (try matrix.columns(3..<8), try packed.head(2).transposed),
      (try matrix.columns(9..<30), try packed.head(2)),
      (try matrix.rows(2..<5).matrix(), try matrix.matrix().transposed),
      (try matrix.columns(7..<8), try matrix.columns(11..<12).transposed),
      (try matrix.columns(7..<8).transposed, try matrix.columns(11..<12)),
    ]
    for (a, b) in factors {
      try expectProduct(matrixProduct(a, b, on: backend), a, b)
      try expectProduct(
        matrixProduct(a, b, scale: -0.3, on: backend), a, b, scale: Double(-0.3 as Float))
    }
  }

  @Test(arguments: Backend.all)
  func `products of empty matrices are zeros or empty`(backend: Backend) throws {
    let wide = try Tensor(shape: [2, 0], scalars: []).matrix()
    let high = try Tensor(shape: [0, 3], scalars: []).matrix()
    #expect(try matrixProduct(wide, high, on: backend).scalars == [0, 0, 0, 0, 0, 0])
    #expect(
      try matrixProduct(high, Tensor(shape: [3, 4], repeating: 1).matrix(), on: backend).shape
        == [0, 4])
  }

  @Test func `factors of different inner extents are rejected with both shapes`() throws {
    let a = try Tensor(shape: [2, 3], repeating: 0).matrix()
    let text = failureText { try matrixProduct(a, a) }
    #expect(text.contains("right factor: expected 3 rows"), "\(text)")
    #expect(text.contains("[2, 3]"), "\(text)")
  }

  @Test func `extents beyond 32 bits are rejected`() throws {
    let endless = try Tensor(shape: [1 << 33, 0], scalars: []).matrix()
    let nothing = try Tensor(shape: [0, 0], scalars: []).matrix()
    let text = failureText { try matrixProduct(endless, nothing) }
    #expect(text.contains("overflow"), "\(text)")
    let square = failureText { try matrixProduct(endless, endless.transposed) }
    #expect(square.contains("overflow"), "\(square)")
  }

  // MARK: Scores

  @Test(arguments: Backend.all)
  func `scores are the scaled products of queries and keys`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 13, keyCount: 29, keyDimension: 17).arguments()
    let (q, k) = (try arguments.queries.head(1), try arguments.keys.head(0))
    let scores = try attentionScores(queries: q, keys: k, on: backend)
    try expectProduct(
      scores, q, k.transposed, scale: Double(1 / Float(17).squareRoot()))
    let doubled = try attentionScores(queries: q, keys: k, scale: 2, on: backend)
    try expectProduct(doubled, q, k.transposed, scale: 2)
  }

  @Test func `scores of different head dimensions are rejected with both shapes`() throws {
    let text = failureText {
      try attentionScores(
        queries: Tensor(shape: [2, 4], repeating: 0).matrix(),
        keys: Tensor(shape: [3, 5], repeating: 0).matrix())
    }
    #expect(text == "keys: expected the head dimension 4 of queries, got shape [3, 5]")
  }

  // MARK: Softmax

  private static let lengths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 63, 64, 65, 257, 1025, 4099]

  @Test(arguments: lengths, Backend.all)
  func `every weight is within its error bound, and each row sums to one`(
    length: Int, backend: Backend
  ) throws {
    var generator = SeededGenerator(seed: 21)
    for magnitude: Float in [0, 1, 10, 80] {
      let scores = try Tensor(
        shape: [3, length],
        scalars: generator.normalTensor([3, length]).scalars.map { $0 * magnitude })
      let weights = try softmax(scores, on: backend)
      #expect(weights.shape == scores.shape)
      for row in 0..<3 {
        let x = try scores.rows(row..<row + 1).scalars.map(Double.init)
        let p = try weights.rows(row..<row + 1).scalars.map(Double.init)
        let largest = x.max() ?? 0
        let spread = x.map { abs($0 - largest) }.max() ?? 0
        let total = x.reduce(0) { $0 + exp($1 - largest) }
        for (x, p) in zip(x, p) {
          let exact = exp(x - largest) / total
          let bound = (Double(length) + 8 + 2 * spread) * u * exact
          // Below the normal numbers, the rounding error is absolute.
          #expect(abs(p - exact) <= bound + 2 * Double(Float.leastNonzeroMagnitude))
        }
        #expect(abs(p.reduce(0, +) - 1) <= (Double(length) + 2) * u)
      }
    }
  }

  @Test(arguments: Backend.all)
  func `a score of minus infinity has a weight of exactly zero`(backend: Backend) throws {
    var generator = SeededGenerator(seed: 22)
    for length in [2, 9, 16, 33] {
      var scores = try generator.normalTensor([length]).scalars
      let hidden = (0..<length).filter { $0 % 3 == 1 }
      for index in hidden { scores[index] = -.infinity }
      let weights = try softmax(Tensor(shape: [length], scalars: scores), on: backend).scalars
      #expect(hidden.allSatisfy { weights[$0] == 0 })
      let visible = scores.indices.filter { $0 % 3 != 1 }
      let alone = try softmax(
        Tensor(shape: [visible.count], scalars: visible.map { scores[$0] }), on: backend)
      #expect(
        largestDistance(visible.map { weights[$0] }, alone.scalars.map(Double.init)) < 1e-7)
    }
  }

  @Test(arguments: Backend.all)
  func `a row of only minus infinity becomes zeros`(backend: Backend) throws {
    let scores = try Tensor(rows: [
      Array(repeating: -.infinity, count: 11), Array(repeating: 2, count: 11),
    ])
    let weights = try softmax(scores, on: backend)
    #expect(try weights.rows(0..<1).scalars == Array(repeating: 0, count: 11))
    #expect(try weights.rows(1..<2).scalars == Array(repeating: 1 / 11, count: 11))
  }

  @Test(arguments: Backend.all)
  func `NaN and plus infinity affect only their row`(backend: Backend) throws {
    for poison in [Float.nan, .infinity] {
      let scores = try Tensor(rows: [[1, 2, 3], [1, poison, 3], [3, 2, 1]])
      let weights = try softmax(scores, on: backend)
      #expect(try weights.rows(1..<2).scalars.contains { $0.isNaN })
      #expect(try weights.rows(0..<1).scalars.allSatisfy { $0.isFinite })
      #expect(try weights.rows(2..<3).scalars.allSatisfy { $0.isFinite })
    }
    let weights = try softmax(Tensor(rows: [[1, .nan, 3]]), on: backend)
    #expect(weights.scalars.allSatisfy { $0.isNaN })
  }

  @Test(arguments: Backend.all)
  func `scores far from zero neither overflow nor vanish`(backend: Backend) throws {
    for shift: Float in [1e4, -1e4, 1e30, -1e30] {
      let weights = try softmax(Tensor(rows: [[shift, shift, shift, shift]]), on: backend)
      #expect(weights.scalars == [0.25, 0.25, 0.25, 0.25])
    }
    let weights = try softmax(Tensor(rows: [[-1e30, 1e30]]), on: backend)
    #expect(weights.scalars == [0, 1])
  }

  @Test(arguments: Backend.all)
  func `weights below the normal numbers are not flushed to zero`(backend: Backend) throws {
    let weights = try softmax(Tensor(rows: [[0, -95, -103]]), on: backend).scalars
    #expect(weights[0] == 1)
    #expect(abs(Double(weights[1]) - exp(-95)) <= 2 * Double(Float.leastNonzeroMagnitude))
    #expect(weights[2] == .leastNonzeroMagnitude)
  }

  @Test func `rows are along the last axis, for any rank`() throws {
    var generator = SeededGenerator(seed: 23)
    let cube = try generator.normalTensor([2, 3, 5])
    let flat = try softmax(cube.reshaped(to: [6, 5]))
    #expect(try softmax(cube) == flat.reshaped(to: [2, 3, 5]))
    #expect(try softmax(Tensor(shape: [], scalars: [7])).scalars == [1])
    #expect(try softmax(Tensor(shape: [0, 4], scalars: [])).shape == [0, 4])
    #expect(try softmax(Tensor(shape: [4, 0], scalars: [])).shape == [4, 0])
  }

  // MARK: Weighted sums

  @Test(arguments: Backend.all)
  func `a weighted sum is the product of weights and values`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 7, keyCount: 19).arguments()
    let values = try arguments.values.head(1)
    var generator = SeededGenerator(seed: 24)
    let weights = try softmax(generator.normalTensor([7, 19]))
    try expectProduct(
      weightedSum(of: values, weights: weights, on: backend), weights.matrix(), values)
  }

  @Test func `a wrong number of weights is rejected`() throws {
    let values = try Tensor(shape: [4, 2], repeating: 0).matrix()
    let text = failureText {
      try weightedSum(of: values, weights: Tensor(shape: [4, 3], repeating: 0))
    }
    #expect(text == "weights: expected 4 columns, one per row of values, got shape [4, 3]")
    let rank = failureText {
      try weightedSum(of: values, weights: Tensor(shape: [4], repeating: 0))
    }
    #expect(rank.contains("rank 2"), "\(rank)")
  }

  // MARK: All steps

  @Test(arguments: [(1, 1), (9, 14), (70, 33), (130, 257)], Backend.all)
  func `the steps in sequence equal the operator`(
    counts: (queries: Int, keys: Int), backend: Backend
  ) throws {
    let arguments = try OperatorCase(
      queryCount: counts.queries, keyCount: counts.keys, headCount: 4, keyDimension: 24
    ).arguments()
    let result = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(), returning: .weights, on: backend)
    let all = try #require(result.weights)
    for head in 0..<4 {
      let scores = try attentionScores(
        queries: arguments.queries.head(head), keys: arguments.keys.head(head / 2), on: backend)
      let weights = try softmax(scores, on: backend)
      let output = try weightedSum(
        of: arguments.values.head(head / 2), weights: weights, on: backend)
      let expected = try all.rows(head..<head + 1)
      #expect(largestDistance(expected.scalars, weights.scalars.map(Double.init)) <= 1e-6)
      let attentionOutput = try Tensor(result.output.head(head))
      #expect(largestDistance(attentionOutput.scalars, output.scalars.map(Double.init)) <= 2e-6)
    }
  }
}
