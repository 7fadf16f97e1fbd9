import Attention
import TestSupport
import Testing

/// The tiled operator compared with the Double reference, for sizes around the tile sizes.
@Suite struct OperatorAccuracyTests {
  static let lengths = [1, 2, 63, 64, 65, 127, 128, 129, 257, 1025]
  static let dimensions = [1, 3, 17, 48, 64, 65, 80, 96, 127, 128, 256]

  @Test(arguments: lengths, fastBackends)
  func `every length around the tile size is as accurate as naive single precision`(
    length: Int, backend: Backend
  ) throws {
    // The second length is a different one of the list, so that the numbers of queries and keys
    // differ.
    let index = Self.lengths.firstIndex(of: length) ?? 0
    for keyCount in [length, Self.lengths[(index + 7) % Self.lengths.count]] {
      try expectExact(
        OperatorCase(
          queryCount: length, keyCount: keyCount, headCount: 1, keyValueHeadCount: 1,
          keyDimension: 24, valueDimension: 8), backend)
    }
  }

  @Test(arguments: dimensions, fastBackends)
  func `every head dimension is as accurate as naive single precision`(
    dimension: Int, backend: Backend
  ) throws {
    try expectExact(
      OperatorCase(
        queryCount: 33, keyCount: 70, headCount: 4, keyValueHeadCount: 2,
        keyDimension: dimension, valueDimension: 129 - min(dimension, 128)), backend)
  }

  @Test(arguments: fastBackends)
  func `several blocks of keys are as accurate as one`(backend: Backend) throws {
    try expectExact(
      OperatorCase(queryCount: 3, keyCount: 2048, headCount: 1, keyValueHeadCount: 1), backend)
  }

  @Test(arguments: fastBackends)
  func `logits of ten thousand neither overflow nor vanish`(backend: Backend) throws {
    var arguments = try OperatorCase(queryCount: 9, keyCount: 40).arguments()
    try arguments.queries.withMutableSpan { span in
      for index in span.indices { span[index] *= 1e4 }
    }
    let fast = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, on: backend)
    let exact = try ReferenceAttention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values)
    let naive = naiveAttention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values)
    #expect(
      largestDistance(fast.scalars, exact.output)
        <= 2 * largestDistance(naive, exact.output) + 1e-5)
  }

  @Test(arguments: fastBackends)
  func `one thread and two threads give equal bits in a hundred runs`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 150, keyCount: 150).arguments()
    let first = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, mask: .causal,
      on: backend)
    for run in 0..<100 {
      let again = try withCompute(backend: backend, threads: 1 + run % 2) {
        try attention(
          queries: arguments.queries, keys: arguments.keys, values: arguments.values,
          mask: .causal)
      }
      #expect(again == first)
    }
  }

  /// Checks the error of the output: at most twice the naive error, and 5e-6.
  private func expectExact(_ shape: OperatorCase, _ backend: Backend) throws {
    let arguments = try shape.arguments()
    let (q, k, v) = (arguments.queries, arguments.keys, arguments.values)
    let exact = try ReferenceAttention(queries: q, keys: k, values: v)
    let fast = try attention(queries: q, keys: k, values: v, on: backend).scalars
    let naive = naiveAttention(queries: q, keys: k, values: v)
    let largestValue = v.scalars.reduce(0) { max($0, abs($1)) }
    let error = largestDistance(fast, exact.output)
    #expect(
      error <= 2 * largestDistance(naive, exact.output) + 1e-7 * Double(largestValue), "\(shape)")
    #expect(error <= 5e-6, "\(shape)")
  }
}
