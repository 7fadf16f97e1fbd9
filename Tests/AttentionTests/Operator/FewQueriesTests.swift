import TestSupport
import Testing

@testable import Attention

/// Few queries and many keys, as in decoding: keys are read in place, and the work is divided over
/// the threads by heads and by keys.
@Suite struct FewQueriesTests {
  /// Numbers of query heads and key-value heads.
  static let heads = [(1, 1), (6, 3), (8, 8), (8, 2), (10, 1)]
  static let threads = [1, 2, 3, 8]
  /// Sequences of one or a few queries. Some have so few keys that they are not split, others are
  /// split into several parts.
  static let batches: [(lengths: [Int], keyLengths: [Int])] = [
    ([1], [2300]), ([2, 1], [600, 3000]), ([1, 1, 3], [4100, 0, 700]), ([4], [70]),
  ]

  private func expectExact(
    _ options: AttentionOptions, _ heads: (Int, Int), threads: Int, on backend: Backend,
    hiding: ((inout OperatorCase.Arguments) throws -> Void)? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let (queryCount, keyCount) = (
      options.lengths?.reduce(0, +) ?? 0, options.keyLengths?.reduce(0, +) ?? 0
    )
    var x = try OperatorCase(
      queryCount: queryCount, keyCount: keyCount, headCount: heads.0, keyValueHeadCount: heads.1,
      keyDimension: 20, valueDimension: 17
    ).arguments()
    let exact = try ReferenceAttention(
      queries: x.queries, keys: x.keys, values: x.values, options: options)
    try hiding?(&x)
    let result = try withCompute(backend: backend, threads: threads) {
      try attention(
        queries: x.queries, keys: x.keys, values: x.values, options: options,
        returning: .logSumExp)
    }
    let name = "\(options.keyLengths ?? []), \(heads), \(threads) threads, \(backend.name)"
    #expect(
      largestDistance(result.output.scalars, exact.output) <= 5e-6, "\(name)",
      sourceLocation: location)
    #expect(
      largestDistance(try #require(result.logSumExp).scalars, exact.logSumExp) <= 5e-6, "\(name)",
      sourceLocation: location)
  }

  @Test(arguments: fastBackends, threads)
  func `the result equals the reference, however heads and keys are divided`(
    backend: Backend, threads: Int
  ) throws {
    for heads in Self.heads {
      for batch in Self.batches {
        let options = AttentionOptions(
          sinks: try ModifierTests.noise([heads.0], seed: 3), lengths: batch.lengths,
          keyLengths: batch.keyLengths)
        try expectExact(options, heads, threads: threads, on: backend)
      }
    }
  }

  @Test(arguments: Backend.all) func `values without columns give an output without columns`(
    backend: Backend
  ) throws {
    for queryCount in [1, 2, 40] {
      let x = try OperatorCase(queryCount: queryCount, keyCount: 3, valueDimension: 0).arguments()
      let output = try attention(
        queries: x.queries, keys: x.keys, values: x.values, on: backend)
      #expect(output.shape == [queryCount, 2, 0])
    }
  }

  @Test(arguments: fastBackends, threads)
  func `hidden values do not affect any head`(backend: Backend, threads: Int) throws {
    let options = AttentionOptions(
      mask: .keys((0..<3600).map { $0 % 7 != 3 }), lengths: [2, 1], keyLengths: [600, 3000])
    try expectExact(options, (6, 3), threads: threads, on: backend) { x in
      // Only in the second key-value head.
      x.values = try Tensor(
        shape: x.values.shape,
        scalars: x.values.scalars.enumerated().map { index, value in
          index / 51 % 7 == 3 && index % 51 / 17 == 1 ? .nan : value
        })
    }
  }
}
