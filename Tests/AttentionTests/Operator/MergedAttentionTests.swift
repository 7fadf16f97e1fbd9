import Attention
import TestSupport
import Testing

/// Attention over parts of the keys, then merged.
@Suite struct MergedAttentionTests {
  @Test(arguments: Backend.all, [[5, 6], [1, 0, 10], [11], [3, 3, 5]])
  func `merging parts of the keys equals attention over all keys`(
    backend: Backend, parts: [Int]
  ) throws {
    let arguments = try OperatorCase(queryCount: 4, keyCount: 11).arguments()
    let keep = try randomMask([11], oneIn: 2).elements
    let whole = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(mask: .keys(keep)), returning: .logSumExp, on: backend)
    var start = 0
    let results = try parts.map { count in
      let range = start..<start + count
      start += count
      return try attention(
        queries: arguments.queries, keys: try arguments.keys.rows(range),
        values: try arguments.values.rows(range),
        options: AttentionOptions(mask: .keys(Array(keep[range]))), returning: .logSumExp,
        on: backend)
    }
    let merged = try mergedAttention(results)
    #expect(
      largestDistance(merged.output.scalars, whole.output.scalars.map(Double.init)) < 1e-6)
    #expect(
      largestDistance(
        try #require(merged.logSumExp).scalars,
        try #require(whole.logSumExp).scalars.map(Double.init)) < 2e-6)
  }

  @Test func `parts without visible keys merge to zeros`() throws {
    let arguments = try OperatorCase(queryCount: 2, keyCount: 3).arguments()
    let nothing = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(mask: .keys([false, false, false])), returning: .logSumExp)
    let merged = try mergedAttention([nothing, nothing])
    #expect(merged.output.scalars.allSatisfy { $0 == 0 })
    #expect(try #require(merged.logSumExp).scalars.allSatisfy { $0 == -.infinity })
  }

  @Test(arguments: Backend.all)
  func `parts with a large bias are weighted by their numbers of keys`(backend: Backend) throws {
    let zeros = try Tensor(shape: [1, 1, 4], repeating: 0)
    func part(keyCount: Int, value: Float) throws -> AttentionResult {
      try attention(
        queries: zeros, keys: Tensor(shape: [keyCount, 1, 4], repeating: 1),
        values: Tensor(shape: [keyCount, 1, 1], repeating: value),
        options: AttentionOptions(bias: Tensor(shape: [1, keyCount], repeating: -1e9)),
        returning: .logSumExp, on: backend)
    }
    let merged = try mergedAttention([part(keyCount: 6, value: 1), part(keyCount: 2, value: 0)])
    #expect(merged.output.scalars == [0.75])
    #expect(merged.statistics?.maximum.scalars == [-1e9])
    #expect(merged.statistics?.sum.scalars == [8])
  }

  @Test(arguments: Backend.all)
  func `parts with an infinite score merge to NaN, as without parts`(backend: Backend) throws {
    let query = try Tensor(shape: [1, 1, 1], repeating: 1)
    func part(_ key: Float) throws -> AttentionResult {
      try attention(
        queries: query, keys: Tensor(shape: [1, 1, 1], repeating: key), values: query,
        options: AttentionOptions(), returning: .logSumExp, on: backend)
    }
    let merged = try mergedAttention([part(.infinity), part(1)])
    #expect(merged.output.scalars.allSatisfy { $0.isNaN })
    // A score of −∞ gives the key no weight.
    let lonely = try mergedAttention([part(-.infinity), part(1)])
    #expect(lonely.output.scalars == [1])
  }

  @Test func `a part whose log-sum-exp is infinite has all the weight`() throws {
    func part(logSumExp: Float, output: Float) throws -> AttentionResult {
      AttentionResult(
        output: try Tensor(shape: [1, 1, 1], repeating: output),
        logSumExp: try Tensor(shape: [1, 1], repeating: logSumExp))
    }
    let merged = try mergedAttention([
      part(logSumExp: .infinity, output: 2), part(logSumExp: 3, output: 5),
    ])
    #expect(merged.output.scalars == [2])
    #expect(merged.logSumExp?.scalars == [.infinity])
    let shared = try mergedAttention([
      part(logSumExp: .infinity, output: 2), part(logSumExp: .infinity, output: 5),
    ])
    #expect(shared.output.scalars == [3.5])
  }

  @Test func `parts of different shapes or without log-sum-exp are rejected`() throws {
    let a = try OperatorCase(queryCount: 2, keyCount: 3).arguments()
    let b = try OperatorCase(queryCount: 3, keyCount: 3).arguments()
    func result(_ x: OperatorCase.Arguments, _ extra: AttentionResults) throws -> AttentionResult {
      try attention(
        queries: x.queries, keys: x.keys, values: x.values, options: AttentionOptions(),
        returning: extra)
    }
    for parts in [
      [], [try result(a, [])],
      [try result(a, .logSumExp), try result(b, .logSumExp)],
    ] {
      let error = #expect(throws: AttentionError.self) { try mergedAttention(parts) }
      #expect("\(String(describing: error))".contains("parts"))
    }
  }
}
