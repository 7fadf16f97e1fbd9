import Attention
import AttentionModels
import TestSupport
import Testing

@Suite struct PoolingTests {
  private let tokens: Tensor

  init() throws {
    tokens = try Tensor(rows: [[1, -8], [2, -6], [6, -7], [-1, 5], [0, 0.5], [3, 0.25]])
  }

  @Test(arguments: [
    (Pooling.cls, [1, -8, -1, 5, 3, 0.25] as [Float]), (.max, [6, -6, 0, 5, 3, 0.25]),
    (.mean, [3, -7, -0.5, 2.75, 3, 0.25]), (.last, [6, -7, 0, 0.5, 3, 0.25]),
    (.weightedMean, [23.0 / 6, -41.0 / 6, -1.0 / 3, 2, 3, 0.25]),
    (
      .meanSqrtLength,
      [9 / Float(3).squareRoot(), -21 / Float(3).squareRoot(), -1 / Float(2).squareRoot()]
        + [5.5 / Float(2).squareRoot(), 3, 0.25]
    ),
  ])
  func `each pooling follows its formula`(pooling: Pooling, expected: [Float]) throws {
    let pooled = try pooling(tokens, lengths: [3, 2, 1])
    #expect(pooled.shape == [3, 2])
    #expect(largestDistance(pooled.scalars, expected.map(Double.init)) < 1e-6)
  }

  @Test(arguments: [
    (Pooling.cls, [2, -6, 0, 0.5, 0, 0] as [Float]), (.max, [6, -6, 0, 0.5, 0, 0]),
    (.mean, [4, -6.5, 0, 0.5, 0, 0]), (.last, [6, -7, 0, 0.5, 0, 0]),
    (.weightedMean, [22.0 / 5, -33.0 / 5, 0, 0.5, 0, 0]),
    (.meanSqrtLength, [8 / Float(2).squareRoot(), -13 / Float(2).squareRoot(), 0, 0.5, 0, 0]),
  ])
  func `tokens of a prompt are skipped`(pooling: Pooling, expected: [Float]) throws {
    let pooled = try pooling(tokens, lengths: [3, 2, 1], skipping: 1)
    #expect(largestDistance(pooled.scalars, expected.map(Double.init)) < 1e-6)
  }

  @Test(arguments: Pooling.allCases) func `a sequence without tokens gives zeros`(pooling: Pooling)
    throws
  {
    let pooled = try pooling(tokens, lengths: [0, 6, 0])
    #expect(try pooled.rows(0..<1).scalars == [0, 0])
    #expect(try pooled.rows(2..<3).scalars == [0, 0])
    #expect(try pooled.rows(1..<2) == pooling(tokens, lengths: [6]))
  }

  @Test(arguments: Pooling.allCases) func `no sequences give no rows`(pooling: Pooling) throws {
    let empty = try Tensor(shape: [0, 2], repeating: 0)
    #expect(try pooling(empty, lengths: []).shape == [0, 2])
  }

  @Test(arguments: [Pooling.max, .mean])
  func `NaN stays in its feature and its sequence`(pooling: Pooling) throws {
    for position in [0, 2, 4] {
      var tokens = tokens
      try tokens.withMutableSpan { $0[position] = .nan }
      let pooled = try pooling(tokens, lengths: [3, 3])
      #expect(pooled.scalars.map(\.isNaN) == [true, false, false, false])
    }
  }

  @Test(arguments: Pooling.allCases)
  func `lengths that do not add up to the number of tokens are refused`(pooling: Pooling) throws {
    for lengths in [[], [5], [7], [-1, 7], [.max, .max]] {
      let text = failureText { try pooling(tokens, lengths: lengths) }
      #expect(text.contains("lengths"), "\(text)")
    }
    let cube = try Tensor(shape: [1, 6, 2], repeating: 0)
    let text = failureText { try pooling(cube, lengths: [6]) }
    #expect(text.contains("tokens: expected [token, feature], got shape [1, 6, 2]"), "\(text)")
  }
}
