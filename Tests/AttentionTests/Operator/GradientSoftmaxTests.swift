import Attention
import TestSupport
import Testing

/// The softmax of the backward pass: rows that sum to 1 for scores of any size, and parts of the
/// keys.
@Suite struct GradientSoftmaxTests {
  /// Numbers that models add to the scores of padding.
  private static let paddingBiases: [Float] = [
    -1e4, -65_504, -1e6, -1e9, -.greatestFiniteMagnitude,
  ]

  /// A bias that hides half of row 4, and adds the same number to all of row 2.
  private func paddingBias(_ padding: Float, _ queryCount: Int, _ keyCount: Int) throws -> Tensor {
    try Tensor(
      shape: [queryCount, keyCount],
      scalars: (0..<queryCount * keyCount).map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: keyCount)
        return row == 2 || (row == 4 && column % 2 == 0) ? padding : 0
      })
  }

  @Test(arguments: paddingBiases, fastBackends)
  func `a finite bias that hides keys leaves gradients as accurate as naive ones`(
    padding: Float, backend: Backend
  ) throws {
    for keyCount in [16, 300, 1_500] {
      let shape = OperatorCase(
        queryCount: 6, keyCount: keyCount, keyDimension: 8, valueDimension: 8)
      let item = try GradientCase(
        shape, options: AttentionOptions(bias: paddingBias(padding, 6, keyCount)))
      for result in [nil, try item.result(on: backend)] {
        try item.expectNaiveError(
          of: item.gradients(on: backend, result: result),
          "\(padding), \(keyCount) keys, \(result == nil ? "no" : "a") result")
      }
    }
  }

  @Test(arguments: fastBackends)
  func `a row with the same large bias for all keys has equal weights`(backend: Backend) throws {
    let shape = OperatorCase(queryCount: 6, keyCount: 16, keyDimension: 8, valueDimension: 8)
    var item = try GradientCase(
      shape, options: AttentionOptions(bias: paddingBias(-1e9, 6, 16)))
    // Only row 2 has a loss: dV is its weights times dO.
    try item.outputGradient.withMutableSpan { span in
      for index in span.indices { span[index] = index / 16 == 2 ? 1 : 0 }
    }
    for result in [nil, try item.result(on: backend)] {
      let gradients = try item.gradients(on: backend, result: result)
      #expect(gradients.values.scalars.allSatisfy { $0 == 1 / 16 })
    }
  }

  @Test(arguments: Backend.all, [1, 60, 600])
  func `with one key, the gradients of queries and keys are exactly zero`(
    backend: Backend, factor: Float
  ) throws {
    let item = try GradientCase(
      OperatorCase(queryCount: 64, keyCount: 1, keyDimension: 8, valueDimension: 8),
      queryFactor: factor)
    for result in [nil, try item.result(on: backend)] {
      let gradients = try item.gradients(on: backend, result: result)
      #expect(gradients.queries.scalars.allSatisfy { $0 == 0 })
      #expect(gradients.keys.scalars.allSatisfy { $0 == 0 })
      try item.expectNaiveError(of: gradients, "values")
    }
  }

  @Test(arguments: fastBackends, [60, 600])
  func `rows in which one key has nearly all the weight are as accurate as naive ones`(
    backend: Backend, factor: Float
  ) throws {
    for (queryCount, keyCount) in [(33, 40), (5, 40), (140, 1_100), (3, 5_000)] {
      let item = try GradientCase(
        OperatorCase(
          queryCount: queryCount, keyCount: keyCount, keyDimension: 8, valueDimension: 8),
        queryFactor: factor)
      for result in [nil, try item.result(on: backend)] {
        try item.expectNaiveError(
          of: item.gradients(on: backend, result: result),
          "\(queryCount) × \(keyCount), \(result == nil ? "no" : "a") result")
      }
    }
  }

  @Test(arguments: Backend.all)
  func `the gradients of parts of the keys add up to the gradients of all keys, for any split`(
    backend: Backend
  ) throws {
    let shape = OperatorCase(
      queryCount: 10, keyCount: 16, headCount: 2, keyValueHeadCount: 1)
    let item = try GradientCase(
      shape, options: AttentionOptions(bias: ModifierTests.noise([10, 16], seed: 5)))
    for split in 0...16 {
      try expectSum(of: item, splitAt: [split], backend)
    }
    try expectSum(of: item, splitAt: [3, 3, 9], backend)
  }

  @Test(arguments: Backend.all)
  func `the gradients of long parts add up to the gradients of all keys`(backend: Backend) throws {
    for (keyCount, splits) in [(256, [100]), (320, [300]), (1_400, [5, 1_200]), (2_600, [2_500])] {
      let shape = OperatorCase(
        queryCount: 40, keyCount: keyCount, headCount: 2, keyValueHeadCount: 1)
      try expectSum(of: GradientCase(shape), splitAt: splits, backend)
    }
  }

  @Test(arguments: Backend.all)
  func `a sink in only one part has the gradient of all keys`(backend: Backend) throws {
    let shape = OperatorCase(queryCount: 7, keyCount: 12)
    let item = try GradientCase(
      shape, options: AttentionOptions(sinks: ModifierTests.noise([2], seed: 4)))
    try expectSum(of: item, splitAt: [5], backend)
  }

  @Test(arguments: Backend.all)
  func `parts under a large bias keep their shares`(backend: Backend) throws {
    let shape = OperatorCase(queryCount: 6, keyCount: 16, keyDimension: 8, valueDimension: 8)
    let item = try GradientCase(
      shape, options: AttentionOptions(bias: Tensor(shape: [6, 16], repeating: -1e9)))
    // The reference computes in Double, in which the scores still differ after adding −1e9.
    guard backend != .reference else { return }
    try expectSum(of: item, splitAt: [4], backend)
  }

  @Test(arguments: fastBackends)
  func `a sink as large as the scores has its share of the softmax`(backend: Backend) throws {
    let shape = OperatorCase(queryCount: 5, keyCount: 9, keyDimension: 8, valueDimension: 8)
    let item = try GradientCase(
      shape,
      options: AttentionOptions(
        bias: Tensor(shape: [5, 9], repeating: 1e9), sinks: Tensor(shape: [2], repeating: 1e9)))
    for result in [nil, try item.result(on: backend)] {
      let gradients = try item.gradients(on: backend, result: result)
      // All ten weights are 1/10: the sink's gradient is −Σ D / 10, with D the mean of dP.
      let naive = try ReferenceGradients<Float>(
        of: item.outputGradient, queries: item.x.queries, keys: item.x.keys,
        values: item.x.values, options: item.options)
      let expected = try #require(naive.sinks).map { Double($0) }
      #expect(largestDistance(try #require(gradients.sinks).scalars, expected) < 1e-6)
      #expect(largestDistance(gradients.values.scalars, naive.values.map { Double($0) }) < 1e-6)
    }
  }

  @Test(arguments: Backend.all)
  func `a result made from a log-sum-exp alone gives the same gradients`(backend: Backend) throws {
    let item = try GradientCase(OperatorCase(queryCount: 20, keyCount: 30))
    let result = try item.result(on: backend)
    let bare = AttentionResult(output: result.output, logSumExp: result.logSumExp)
    try item.expectNaiveError(of: item.gradients(on: backend, result: bare), "whole")
    try expectSum(of: item, splitAt: [11], backend, withStatistics: false)
    // A large log-sum-exp has a large rounding error, which must not look like a share of other keys.
    let large = try GradientCase(
      OperatorCase(queryCount: 20, keyCount: 30),
      options: AttentionOptions(bias: Tensor(shape: [20, 30], repeating: 3000.3)))
    let rounded = try large.result(on: backend)
    let found = try large.gradients(
      on: backend, result: AttentionResult(output: rounded.output, logSumExp: rounded.logSumExp))
    let whole = try large.gradients(on: backend)
    for (found, whole) in [
      (found.queries, whole.queries), (found.keys, whole.keys), (found.values, whole.values),
    ] {
      let distance = largestDistance(found.scalars, whole.scalars.map(Double.init))
      #expect(distance < 1e-6)
    }
  }

  @Test func `setting the log-sum-exp discards the statistics`() throws {
    let item = try GradientCase(OperatorCase(queryCount: 2, keyCount: 3))
    var result = try item.result(on: .portable)
    #expect(result.statistics != nil)
    result.logSumExp = try Tensor(shape: [2, 2], repeating: 0)
    #expect(result.statistics == nil)
  }

  /// Splits the keys, merges the parts' results, and compares the sum of the parts' gradients with
  /// the gradients of all keys.
  private func expectSum(
    of item: GradientCase, splitAt splits: [Int], _ backend: Backend, withStatistics: Bool = true,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let bounds = [0] + splits + [item.x.keys.shape[0]]
    var parts = try zip(bounds, bounds.dropFirst()).map { try item.keeping(keys: $0..<$1) }
    for index in parts.indices.dropFirst() { parts[index].options.sinks = nil }
    var merged = try mergedAttention(parts.map { try $0.result(on: backend) })
    if !withStatistics {
      merged = AttentionResult(output: merged.output, logSumExp: merged.logSumExp)
    }
    let whole = try item.gradients(on: backend)
    let gradients = try parts.map { try $0.gradients(on: backend, result: merged) }

    func check(_ name: String, _ found: [Float], _ expected: Tensor) {
      let exact = expected.scalars.map { Double($0) }
      let largest = exact.reduce(0) { max($0, abs($1)) }
      let distance = largestDistance(found, exact)
      #expect(
        distance <= 1e-6 * largest,
        "\(name) off by \(distance) of \(largest), split at \(splits)", sourceLocation: location)
    }
    let queries = try gradients.dropFirst().reduce(into: gradients[0].queries) {
      try $0.add($1.queries)
    }
    check("queries", queries.scalars, whole.queries)
    check("keys", gradients.flatMap { $0.keys.scalars }, whole.keys)
    check("values", gradients.flatMap { $0.values.scalars }, whole.values)
    if let sinks = whole.sinks {
      check("sinks", try #require(gradients[0].sinks).scalars, sinks)
    }
  }

  @Test(arguments: fastBackends)
  func `a row with NaN does not change the gradients of keys that it does not see`(
    backend: Backend
  ) throws {
    let shape = OperatorCase(
      queryCount: 40, keyCount: 40, headCount: 1, keyValueHeadCount: 1, keyDimension: 8,
      valueDimension: 8)
    var item = try GradientCase(
      shape,
      options: AttentionOptions(bias: ModifierTests.noise([40, 40], seed: 3), mask: .causal))
    try item.outputGradient.withMutableSpan { $0[3] = 0 }
    let expected = try item.gradients(on: backend)
    // The first query sees only the first key.
    try item.outputGradient.withMutableSpan { $0[3] = .nan }
    let gradients = try item.gradients(on: backend)
    for (found, expected) in [
      (gradients.keys, expected.keys), (gradients.values, expected.values),
      (gradients.queries, expected.queries),
    ] {
      #expect(found.scalars[..<8].contains { $0.isNaN })
      let distance = largestDistance(found.scalars[8...], expected.scalars[8...].map(Double.init))
      #expect(distance < 1e-5)
    }
    let bias = (found: try #require(gradients.bias), expected: try #require(expected.bias))
    for query in 0..<40 {
      for key in 0..<40 {
        let found = bias.found[query, key]
        if query == 0 && key == 0 {
          #expect(found.isNaN)
        } else {
          #expect(abs(found - bias.expected[query, key]) < 1e-5, "\(query), \(key)")
        }
      }
    }
  }
}
