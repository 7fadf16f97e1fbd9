import Attention
import TestSupport
import Testing

@Suite struct OrthogonalTests {
  /// The largest element of |Q Qᵀ − I|, in Double; Q has the vectors of the shorter side as rows.
  private func departure(from gain: Float, of matrix: Tensor) throws -> Double {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let scalars = matrix.scalars.map { Double($0) }
    let (count, length) = (min(rows, columns), max(rows, columns))
    func element(_ vector: Int, _ position: Int) -> Double {
      rows <= columns
        ? scalars[vector * columns + position] : scalars[position * columns + vector]
    }
    var worst = 0.0
    for i in 0..<count {
      for j in 0...i {
        let dot = (0..<length).reduce(0.0) { $0 + element(i, $1) * element(j, $1) }
        worst = max(worst, abs(dot - (i == j ? Double(gain) * Double(gain) : 0)))
      }
    }
    return worst
  }

  @Test(arguments: [
    (1, 1), (1, 5), (5, 1), (2, 3), (3, 2), (16, 16), (17, 64), (64, 17), (128, 128), (33, 200),
    (200, 33),
  ])
  func `the vectors of the shorter side are orthonormal`(rows: Int, columns: Int) throws {
    var generator = SeededGenerator(seed: 1)
    let matrix = try Tensor.orthogonal(rows: rows, columns: columns, using: &generator)
    #expect(matrix.shape == [rows, columns])
    #expect(try departure(from: 1, of: matrix) < 2e-6)
  }

  @Test func `the gain multiplies every singular value`() throws {
    var generator = SeededGenerator(seed: 2)
    let matrix = try Tensor.orthogonal(rows: 24, columns: 40, gain: 2.5, using: &generator)
    for value in try matrix.matrix().singularValues() {
      #expect(abs(value - 2.5) < 1e-5)
    }
  }

  @Test func `the same seed gives the same matrix and another seed another`() throws {
    func matrix(seed: UInt64) throws -> Tensor {
      var generator = SeededGenerator(seed: seed)
      return try Tensor.orthogonal(rows: 32, columns: 20, using: &generator)
    }
    #expect(try matrix(seed: 3) == matrix(seed: 3))
    #expect(try matrix(seed: 3) != matrix(seed: 4))
  }

  /// Without the sign correction, Householder reflections make most of the diagonal negative.
  @Test func `the elements are distributed as in a uniformly random rotation`() throws {
    var generator = SeededGenerator(seed: 5)
    let size = 8
    let repetitions = 400
    var diagonalSum = 0.0
    var squareSum = 0.0
    for _ in 0..<repetitions {
      let matrix = try Tensor.orthogonal(rows: size, columns: size, using: &generator)
      for index in 0..<size {
        diagonalSum += Double(matrix[index, index])
        squareSum += Double(matrix[index, index]) * Double(matrix[index, index])
      }
    }
    let count = Double(size * repetitions)
    // Each element has mean 0 and variance 1/8: 5 standard errors of the mean are 0.031.
    #expect(abs(diagonalSum / count) < 0.031)
    #expect(abs(squareSum / count - 1 / Double(size)) < 0.02)
  }

  @Test func `an empty matrix stays empty`() throws {
    var generator = SeededGenerator(seed: 6)
    #expect(try Tensor.orthogonal(rows: 0, columns: 4, using: &generator).shape == [0, 4])
    #expect(try Tensor.orthogonal(rows: 4, columns: 0, using: &generator).shape == [4, 0])
  }

  @Test func `an invalid argument is named in the error`() throws {
    var generator = SeededGenerator(seed: 7)
    let negative = #expect(throws: AttentionError.self) {
      try Tensor.orthogonal(rows: -1, columns: 4, using: &generator)
    }
    #expect(negative?.description.contains("negative dimension -1") == true)
    let gain = #expect(throws: AttentionError.self) {
      try Tensor.orthogonal(rows: 2, columns: 2, gain: .nan, using: &generator)
    }
    #expect(gain?.description.contains("gain") == true)
  }
}
