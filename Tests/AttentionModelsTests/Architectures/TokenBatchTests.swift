import Attention
import Testing

@testable import AttentionModels

@Suite struct TokenBatchTests {
  @Test func `the rows of all batches are in order`() throws {
    let lengths = [700, 500, 1100, 3, 1020, 2, 900]
    let ids = Array(0..<lengths.reduce(0, +))
    let tokens = PackedTokens(ids: ids, segments: ids.map { $0 % 3 }, lengths: lengths)
    var batches: [[Int]] = []
    let rows = try tokens.mapBatches(hiddenSize: 2) { batch in
      batches.append(batch.lengths)
      return try Tensor(
        rows: zip(batch.ids, batch.segments).map { [Float($0), Float($1)] })
    }
    #expect(batches == [[700], [500], [1100], [3, 1020], [2, 900]])
    #expect(rows == (try Tensor(rows: ids.map { [Float($0), Float($0 % 3)] })))
  }
}
