import Attention
import TestSupport
import Testing

/// Properties of the operator that hold for all inputs.
@Suite struct OperatorPropertyTests {
  static let seeds: [UInt64] = [1, 2, 3]

  @Test(arguments: fastBackends, seeds)
  func `weights of a query with visible keys sum to one`(backend: Backend, seed: UInt64) throws {
    let x = try arguments(seed)
    let mask = AttentionMask.causal.intersection(.keeping(try randomMask([70, 150], seed: seed)))
    let result = try attention(
      queries: x.queries, keys: x.keys, values: x.values, options: AttentionOptions(mask: mask),
      returning: .weights, on: backend)
    let weights = try #require(result.weights).scalars
    for row in 0..<4 * 70 {
      let sum = weights[row * 150..<(row + 1) * 150].reduce(0.0) { $0 + Double($1) }
      #expect(abs(sum - 1) <= 152 * 0x1p-24)
    }
  }

  @Test(arguments: fastBackends, seeds)
  func `permuting keys and values together does not change the output`(
    backend: Backend, seed: UInt64
  ) throws {
    let x = try arguments(seed)
    var generator = SeededGenerator(seed: seed)
    let order = (0..<150).shuffled(using: &generator)
    let straight = try attention(
      queries: x.queries, keys: x.keys, values: x.values, on: backend)
    let permuted = try attention(
      queries: x.queries, keys: try x.keys.rows(inOrder: order),
      values: try x.values.rows(inOrder: order), on: backend)
    expectClose(permuted, straight)
  }

  @Test(arguments: fastBackends, seeds)
  func `a window or prefix of all keys equals no mask`(
    backend: Backend, seed: UInt64
  ) throws {
    let x = try arguments(seed)
    let none = try attention(queries: x.queries, keys: x.keys, values: x.values, on: backend)
    for mask in [
      AttentionMask.window(left: nil, right: nil), .window(left: 10_000, right: .max),
      .prefix(150), .prefix(.max), .keys(Array(repeating: true, count: 150)),
    ] {
      let masked = try attention(
        queries: x.queries, keys: x.keys, values: x.values, mask: mask, on: backend)
      #expect(masked == none)
    }
  }

  @Test(arguments: fastBackends, seeds)
  func `equivalent masks give the same result`(backend: Backend, seed: UInt64) throws {
    let x = try arguments(seed)
    let causal = try attention(
      queries: x.queries, keys: x.keys, values: x.values, mask: .causal, on: backend)
    let square = try BooleanTensor(
      shape: [70, 150], elements: (0..<70 * 150).map { $0 % 150 <= $0 / 150 + 80 })
    for mask in [
      AttentionMask.window(left: nil, right: 0), .prefix(0), .keeping(square),
      .causal.intersection(.causal),
    ] {
      let other = try attention(
        queries: x.queries, keys: x.keys, values: x.values, mask: mask, on: backend)
      expectClose(other, causal)
    }
  }

  @Test(arguments: fastBackends, seeds)
  func `adding a constant to all scores changes only the log-sum-exp`(
    backend: Backend, seed: UInt64
  ) throws {
    let x = try arguments(seed)
    func result(_ bias: Float) throws -> AttentionResult {
      try attention(
        queries: x.queries, keys: x.keys, values: x.values,
        options: AttentionOptions(bias: try Tensor(shape: [70, 150], repeating: bias)),
        returning: .logSumExp, on: backend)
    }
    let (plain, raised) = (try result(0), try result(3))
    expectClose(raised.output, plain.output)
    let lifted = try #require(plain.logSumExp).scalars.map { Double($0) + 3 }
    #expect(largestDistance(try #require(raised.logSumExp).scalars, lifted) < 2e-6)
  }

  @Test(arguments: fastBackends, seeds)
  func `the output is linear in the values`(backend: Backend, seed: UInt64) throws {
    let x = try arguments(seed)
    let single = try attention(queries: x.queries, keys: x.keys, values: x.values, on: backend)
    let doubled = try Tensor(shape: x.values.shape, scalars: x.values.scalars.map { $0 * 2 })
    let double = try attention(queries: x.queries, keys: x.keys, values: doubled, on: backend)
    // A power of two is exact: the bits are equal.
    #expect(double.scalars == single.scalars.map { $0 * 2 })
  }

  @Test(arguments: fastBackends, seeds)
  func `grouped heads equal repeated keys and values`(backend: Backend, seed: UInt64) throws {
    let x = try arguments(seed)
    let grouped = try attention(queries: x.queries, keys: x.keys, values: x.values, on: backend)
    let repeated = try attention(
      queries: x.queries, keys: try x.keys.repeatingHeads(2),
      values: try x.values.repeatingHeads(2), on: backend)
    #expect(repeated == grouped)
  }

  @Test(arguments: fastBackends, seeds)
  func `streamed weights equal the whole weights, and their mean equals the mean`(
    backend: Backend, seed: UInt64
  ) throws {
    let x = try OperatorCase(queryCount: 173, keyCount: 160, headCount: 6, keyValueHeadCount: 3)
      .arguments()
    let options = AttentionOptions(
      softcap: 3, mask: .causal, sinks: try ModifierTests.noise([6], seed: seed),
      dropout: try AttentionDropout(rate: 0.2, seed: seed), lengths: [3, 130, 40],
      keyLengths: [5, 150, 5])
    let whole = try attention(
      queries: x.queries, keys: x.keys, values: x.values, options: options,
      returning: [.weights, .meanWeights], on: backend)
    let weights = try #require(whole.weights)
    let mean = try #require(whole.meanWeights)
    var rowCount = 0
    try forEachAttentionWeightBlock(
      queries: x.queries, keys: x.keys, options: options, on: backend
    ) { block in
      rowCount += block.queries.count
      for (row, query) in block.queries.enumerated() {
        for (column, key) in block.keys.enumerated() {
          let distance = abs(
            block.weights[row, column] - (weights[block.head, query, key]))
          #expect(distance < 1e-6)
        }
      }
    }
    #expect(rowCount == 6 * 173)
    for (query, key) in [(0, 0), (2, 4), (100, 60), (172, 159), (0, 100)] {
      let expected = (0..<6).reduce(Float(0)) { $0 + (weights[$1, query, key]) } / 6
      #expect(abs(mean[query, key] - expected) < 1e-6)
    }
  }

  @Test func `an error of the body ends the iteration over blocks`() throws {
    struct Enough: Error {}
    let x = try arguments(1)
    var count = 0
    #expect(throws: Enough.self) {
      try forEachAttentionWeightBlock(queries: x.queries, keys: x.keys) { _ in
        count += 1
        throw Enough()
      }
    }
    #expect(count == 1)
  }

  // MARK: - Helpers

  private func arguments(_ seed: UInt64) throws -> OperatorCase.Arguments {
    try OperatorCase(
      queryCount: 70, keyCount: 150, headCount: 4, keyValueHeadCount: 2, seed: seed
    ).arguments()
  }

  private func expectClose(_ left: Tensor, _ right: Tensor) {
    #expect(largestDistance(left.scalars, right.scalars.map { Double($0) }) < 2e-6)
  }
}

extension Tensor {
  /// The slices of the first axis in the given order.
  fileprivate func rows(inOrder order: [Int]) throws -> Tensor {
    try Tensor(
      shape: shape, scalars: order.flatMap { try rows($0..<$0 + 1).scalars })
  }

  /// Each head of `[token, head, dimension]`, repeated `count` times.
  fileprivate func repeatingHeads(_ count: Int) throws -> Tensor {
    let (T, H, D) = (shape[0], shape[1], shape[2])
    let scalars = scalars
    var repeated: [Float] = []
    for token in 0..<T {
      for head in 0..<H * count {
        let start = (token * H + head / count) * D
        repeated += scalars[start..<start + D]
      }
    }
    return try Tensor(shape: [T, H * count, D], scalars: repeated)
  }
}
