import Attention
import TestSupport
import Testing

/// NaN, infinities, empty sizes and other special cases.
@Suite struct SpecialNumberTests {
  @Test(arguments: Backend.all, [Float.nan, .infinity, -.infinity])
  func `a hidden key or value does not affect the output`(backend: Backend, poison: Float) throws {
    let clean = try OperatorCase(queryCount: 6, keyCount: 8).arguments()
    var dirty = clean
    for head in 0..<2 {
      try dirty.keys.set(poison, at: 5, head, 3)
      try dirty.values.set(poison, at: 5, head, 2)
    }
    let keep = (0..<8).map { $0 != 5 }
    let square = try BooleanTensor(
      shape: [6, 8], elements: (0..<48).map { $0 % 8 != 5 })
    for mask in [AttentionMask.keys(keep), .keeping(square)] {
      let expected = try attention(
        queries: clean.queries, keys: clean.keys, values: clean.values, mask: mask, on: backend)
      let result = try attention(
        queries: dirty.queries, keys: dirty.keys, values: dirty.values,
        options: AttentionOptions(mask: mask), returning: [.weights, .logSumExp], on: backend)
      #expect(
        largestDistance(result.output.scalars, expected.scalars.map(Double.init)) < 1e-6)
      #expect(try #require(result.weights).scalars.allSatisfy { $0.isFinite })
      #expect(try #require(result.logSumExp).scalars.allSatisfy { $0.isFinite })
    }
  }

  @Test(arguments: Backend.all)
  func `with a causal mask, NaN in a value affects only later queries`(backend: Backend) throws {
    var arguments = try OperatorCase(
      queryCount: 200, keyCount: 200, headCount: 1, keyValueHeadCount: 1
    ).arguments()
    try arguments.values.set(.nan, at: 150, 0, 4)
    let output = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, mask: .causal,
      on: backend)
    for query in 0..<200 {
      for column in 0..<16 {
        #expect(output[query, 0, column].isNaN == (query >= 150 && column == 4))
      }
    }
  }

  @Test(arguments: Backend.all)
  func `NaN in a query affects only its row`(backend: Backend) throws {
    var arguments = try OperatorCase(queryCount: 5, keyCount: 7).arguments()
    try arguments.queries.set(.nan, at: 2, 1, 0)
    for scale: Float? in [nil, 0] {
      let output = try attention(
        queries: arguments.queries, keys: arguments.keys, values: arguments.values, scale: scale,
        on: backend)
      for query in 0..<5 {
        for head in 0..<2 {
          #expect(output[query, head, 0].isNaN == (query == 2 && head == 1))
        }
      }
    }
  }

  @Test(arguments: Backend.all)
  func `NaN in a visible value affects only its column`(backend: Backend) throws {
    var arguments = try OperatorCase(queryCount: 5, keyCount: 7).arguments()
    try arguments.values.set(.nan, at: 3, 0, 6)
    let output = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, on: backend)
    for query in 0..<5 {
      for column in 0..<16 {
        #expect(output[query, 0, column].isNaN == (column == 6))
        #expect(!output[query, 1, column].isNaN)
      }
    }
  }

  @Test(arguments: Backend.all)
  func `a query without keys gives zeros and a log-sum-exp of minus infinity`(
    backend: Backend
  ) throws {
    let arguments = try OperatorCase(queryCount: 3, keyCount: 0).arguments()
    let result = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(), returning: [.weights, .logSumExp], on: backend)
    #expect(result.output.scalars == Array(repeating: 0, count: 3 * 2 * 16))
    #expect(result.weights?.shape == [2, 3, 0])
    #expect(result.logSumExp?.scalars == Array(repeating: -.infinity, count: 6))
  }

  @Test(arguments: Backend.all)
  func `no queries give an empty output`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 0, keyCount: 4).arguments()
    let output = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, mask: .causal,
      on: backend)
    #expect(output.shape == [0, 2, 16])
  }

  @Test(arguments: Backend.all)
  func `a single key gives its value, bit for bit`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 3, keyCount: 1).arguments()
    let output = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, on: backend)
    for query in 0..<3 { #expect(try output.rows(query..<query + 1) == arguments.values) }
  }

  @Test(arguments: Backend.all)
  func `a scale of zero gives the mean of the values`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 3, keyCount: 8).arguments()
    let output = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values, scale: 0,
      on: backend)
    for column in 0..<16 {
      let mean = (0..<8).reduce(Float(0)) { $0 + (arguments.values[$1, 0, column]) } / 8
      #expect(abs(output[1, 0, column] - mean) < 1e-6)
    }
  }

  /// The products exceed the range of Float32 and the scores do not, because the scale is applied
  /// first.
  @Test(arguments: Backend.all, [1, 5, 40])
  func `a finite score does not overflow before the scale is applied`(
    backend: Backend, queryCount: Int
  ) throws {
    let keyCount = 70
    var x = try OperatorCase(
      queryCount: queryCount, keyCount: keyCount, headCount: 1, keyValueHeadCount: 1
    ).arguments()
    // All factors except 0.7 are powers of two, so scores and results have equal bits.
    for (scale, size) in [(0x1p-100 * 0.7, 0x1p50), (0x1p-126, 0x1p63), (0, 0x1p63)] {
      let plain = try attention(
        queries: x.queries, keys: x.keys, values: x.values,
        options: AttentionOptions(scale: Float(scale * size * size)),
        returning: [.weights, .meanWeights, .logSumExp], on: backend)
      var large = x
      try large.queries.scale(by: Float(size))
      try large.keys.scale(by: Float(size))
      let options = AttentionOptions(scale: Float(scale))
      let result = try attention(
        queries: large.queries, keys: large.keys, values: large.values, options: options,
        returning: [.weights, .meanWeights, .logSumExp], on: backend)
      let name = Comment(rawValue: "scale \(scale), numbers of \(size)")
      #expect(result.output == plain.output, name)
      #expect(result.weights == plain.weights, name)
      #expect(result.meanWeights == plain.meanWeights, name)
      #expect(result.logSumExp == plain.logSumExp, name)
      let outputGradient = try x.values.rows(0..<queryCount)
      func valueGradient(_ x: OperatorCase.Arguments, _ scale: Double) throws -> Tensor {
        try attentionGradients(
          of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
          options: AttentionOptions(scale: Float(scale)), on: backend
        ).values
      }
      #expect(
        try valueGradient(large, scale) == valueGradient(x, scale * size * size), name)
      let scores = try attentionScores(
        queries: large.queries.head(0), keys: large.keys.head(0), scale: Float(scale), on: backend)
      let plainScores = try attentionScores(
        queries: x.queries.head(0), keys: x.keys.head(0), scale: Float(scale * size * size),
        on: backend)
      #expect(scores == plainScores, name)
    }
    // Small queries and a large scale do not overflow either.
    x.queries = try Tensor(shape: x.queries.shape, repeating: 1e30)
    x.keys = try Tensor(shape: x.keys.shape, repeating: 1e-35)
    let output = try attention(
      queries: x.queries, keys: x.keys, values: x.values, scale: 1e9, on: backend)
    #expect(output.scalars.allSatisfy { $0.isFinite })
  }

  @Test(arguments: Backend.all)
  func `sinks of NaN or infinity are rejected, and minus infinity means no sink`(
    backend: Backend
  ) throws {
    let x = try OperatorCase(queryCount: 3, keyCount: 8).arguments()
    func output(_ sinks: [Float]?) throws -> Tensor {
      try attention(
        queries: x.queries, keys: x.keys, values: x.values,
        options: AttentionOptions(sinks: sinks.map { try Tensor(shape: [2], scalars: $0) }),
        on: backend
      ).output
    }
    for sink in [Float.nan, .infinity] {
      let error = #expect(throws: AttentionError.self) { try output([0, sink]) }
      let text = "\(String(describing: error))"
      #expect(text.contains("sinks") && text.contains("\(sink)") && text.contains("head 1"))
    }
    #expect(try output([-.infinity, -.infinity]) == output(nil))
  }

  @Test(arguments: fastBackends)
  func `65537 keys with equal scores have equal weights`(backend: Backend) throws {
    let count = 65_537
    let queries = try Tensor(shape: [1, 1, 2], repeating: 1)
    let keys = try Tensor(shape: [count, 1, 2], repeating: 0.5)
    let values = try Tensor(shape: [count, 1, 1], scalars: (0..<count).map { Float($0 % 2) })
    let result = try attention(
      queries: queries, keys: keys, values: values, options: AttentionOptions(),
      returning: .weights, on: backend)
    #expect(abs(result.output[0, 0, 0] - 0.5) < 1e-4)
    let weights = try #require(result.weights).scalars
    #expect(weights.allSatisfy { abs($0 * Float(count) - 1) < 1e-5 })
  }

  @Test(arguments: Backend.all)
  func `a score of plus infinity gives NaN in its row, as in the formula`(backend: Backend) throws {
    let queries = try Tensor(shape: [2, 1, 1], scalars: [3e38, 1])
    let keys = try Tensor(shape: [2, 1, 1], scalars: [.infinity, 1])
    let values = try Tensor(shape: [2, 1, 1], scalars: [1, 2])
    let output = try attention(
      queries: queries, keys: keys, values: values, mask: .keys([true, true]), on: backend)
    #expect(output.scalars.allSatisfy { $0.isNaN })
  }

  @Test(arguments: Backend.all)
  func `denormal values are not flushed to zero`(backend: Backend) throws {
    let tiny = Float.leastNonzeroMagnitude * 1000
    let zeros = try Tensor(shape: [2, 1, 1], repeating: 0)
    let values = try Tensor(shape: [2, 1, 1], repeating: tiny)
    let output = try attention(
      queries: zeros, keys: zeros, values: values, on: backend)
    #expect(output.scalars.allSatisfy { abs($0 - tiny) <= 2 * .leastNonzeroMagnitude })
  }
}

extension Tensor {
  mutating func set(_ value: Float, at first: Int, _ second: Int, _ third: Int) throws {
    let position = (first * shape[1] + second) * shape[2] + third
    try withMutableSpan { $0[position] = value }
  }
}
