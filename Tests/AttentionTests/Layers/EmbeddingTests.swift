import Attention
import TestSupport
import Testing

@Suite struct EmbeddingTests {
  private let table: Tensor
  private let embedding: Embedding

  init() throws {
    table = try Tensor(rows: [[1, 2, 3], [4, 5, 6], [-7, .infinity, 0.1]])
    embedding = try Embedding(weight: table)
  }

  @Test func `each index gives its row, bit for bit`() throws {
    let rows = try embedding([2, 0, 2, 1])
    #expect(rows.shape == [4, 3])
    #expect(rows.scalars == [-7, .infinity, 0.1, 1, 2, 3, -7, .infinity, 0.1, 4, 5, 6])
    #expect(embedding.count == 3 && embedding.hiddenSize == 3)
  }

  @Test func `no indices give no rows`() throws {
    #expect(try embedding([]).shape == [0, 3])
  }

  @Test(arguments: [-1, 3, .max, .min]) func `the error names an index out of range`(index: Int) {
    let text = failureText { try embedding([0, index, 1]) }
    #expect(text == "indices: \(index) is out of range for an embedding of 3 rows")
  }

  @Test func `a table without rows or columns is empty`() throws {
    let empty = try Embedding(weight: Tensor(shape: [0, 3], scalars: []))
    #expect(failureText { try empty([0]) }.contains("an embedding of 0 rows"))
    let narrow = try Embedding(weight: Tensor(shape: [3, 0], scalars: []))
    #expect(try narrow([2, 1]).shape == [2, 0])
  }
}
