import Attention
import TestSupport
import Testing

@Suite struct SingularValuesTests {
  private func expectClose(_ got: [Float], _ expected: [Float], within bound: Float = 1e-6) {
    #expect(got.count == expected.count)
    for (value, wanted) in zip(got, expected) {
      #expect(abs(value - wanted) <= bound, "\(got) instead of \(expected)")
    }
  }

  @Test func `the singular values of a diagonal matrix are its magnitudes, in descending order`()
    throws
  {
    let matrix = try Tensor(rows: [[1, 0, 0], [0, -7, 0], [0, 0, 3]])
    expectClose(try matrix.matrix().singularValues(), [7, 3, 1])
  }

  @Test func `a matrix and its transpose have the known singular values`() throws {
    // A Aᵀ has the eigenvalues 25 and 9.
    let matrix = try Tensor(rows: [[3, 2, 2], [2, 3, -2]])
    expectClose(try matrix.matrix().singularValues(), [5, 3])
    expectClose(try matrix.matrix().transposed.singularValues(), [5, 3])
  }

  @Test func `the singular values of one head do not depend on other heads`() throws {
    // [token, head, dimension]; head 1 is 4 · I.
    let tensor = try Tensor(shape: [2, 2, 2], scalars: [9, 9, 4, 0, 9, 9, 0, 4])
    expectClose(try tensor.head(1).singularValues(), [4, 4])
    #expect(abs(try tensor.head(1).effectiveRank() - 2) < 1e-6)
  }

  @Test(arguments: [(40, 25), (25, 40), (64, 64)])
  func `the squares of the singular values add up to the squares of the elements`(
    rows: Int, columns: Int
  ) throws {
    var generator = SeededGenerator(seed: 11)
    let matrix = try generator.normalTensor([rows, columns])
    let squares = matrix.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
    let values = try matrix.matrix().singularValues()
    let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(sum / squares - 1) < 1e-6)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test(arguments: [1, 2, 7, 64])
  func `the effective rank of an identity matrix is its size`(size: Int) throws {
    let scalars = (0..<size * size).map { Float($0 % (size + 1) == 0 ? 1 : 0) }
    let matrix = try Tensor(shape: [size, size], scalars: scalars).matrix()
    #expect(abs(try matrix.effectiveRank() - Float(size)) <= 1e-5 * Float(size))
  }

  @Test func `a matrix of multiples of one row has effective rank 1`() throws {
    // Small integers, so that the products are exact.
    let scalars = (0..<32).flatMap { row in (0..<48).map { Float((row + 1) * ($0 % 5 - 2)) } }
    let matrix = try Tensor(shape: [32, 48], scalars: scalars).matrix()
    #expect(abs(try matrix.effectiveRank() - 1) < 1e-5)
  }

  @Test func `the effective rank is the exponential of the entropy`() throws {
    let matrix = try Tensor(rows: [[3, 0], [0, 1]]).matrix()
    // −¾ ln ¾ − ¼ ln ¼ = 0.562335
    #expect(abs(try matrix.effectiveRank() - 1.754765) < 1e-5)
  }

  @Test func `zeros and empty matrices have effective rank 0`() throws {
    #expect(try Tensor(shape: [3, 4], repeating: 0).matrix().effectiveRank() == 0)
    let empty = try Tensor(shape: [0, 4], repeating: 0).matrix()
    #expect(try empty.singularValues().isEmpty)
    #expect(try empty.effectiveRank() == 0)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a scalar that is not finite is rejected`(value: Float) throws {
    let matrix = try Tensor(rows: [[1, 2], [3, value]]).matrix()
    let error = #expect(throws: AttentionError.self) { try matrix.singularValues() }
    #expect(error?.description.contains("matrix: \(value)") == true)
    #expect(throws: AttentionError.self) { try matrix.effectiveRank() }
  }
}
