import Attention
import Foundation
import TestSupport
import Testing

/// Score modifiers, sinks and dropout: alone, combined, and with masks and packed sequences.
@Suite struct ModifierTests {
  /// A modifier that implements only the formula, to test the default loops.
  struct Wave: ScoreModifier {
    func value(of score: Double, at position: ScorePosition) -> Double {
      score * score / 4 + Double(position.distance()) / 50 + Double(position.head)
    }
    func derivative(of score: Double, at position: ScorePosition) -> Double { score / 2 }
  }

  static let options:
    [(name: String, make: @Sendable (_ q: Int, _ k: Int) throws -> AttentionOptions)] = [
      ("softcap", { _, _ in AttentionOptions(softcap: 0.7) }),
      ("ALiBi", { _, _ in AttentionOptions(modifiers: [try LinearBias(headCount: 6)]) }),
      (
        "ALiBi, top-left, causal",
        { _, _ in
          AttentionOptions(
            modifiers: [try LinearBias(headCount: 6, alignment: .topLeft)], mask: .causal)
        }
      ),
      ("T5, both directions", { _, _ in try relative(isBidirectional: true) }),
      (
        "T5, one direction",
        { _, _ in
          var options = try relative(isBidirectional: false)
          options.mask = .causal
          return options
        }
      ),
      ("bias", { q, k in AttentionOptions(bias: try noise([q, k], seed: 3)) }),
      ("bias per head", { q, k in AttentionOptions(bias: try noise([6, q, k], seed: 4)) }),
      ("a user's modifier", { _, _ in AttentionOptions(modifiers: [Wave()]) }),
      ("sinks", { _, _ in AttentionOptions(sinks: try noise([6], seed: 5)) }),
      (
        "dropout",
        { _, _ in AttentionOptions(dropout: try AttentionDropout(rate: 0.3, seed: 9)) }
      ),
      (
        "all together",
        { q, k in
          AttentionOptions(
            scale: -0.3, softcap: 2, modifiers: [Wave(), try LinearBias(headCount: 6)],
            bias: try noise([1, q, k], seed: 6),
            mask: AttentionMask.window(left: 90, right: 3)
              .intersection(.keeping(try randomMask([6, q, k], oneIn: 4))),
            sinks: try noise([6], seed: 7),
            dropout: try AttentionDropout(rate: 0.5, seed: 1))
        }
      ),
    ]

  @Test(arguments: options.indices, fastBackends)
  func `every score option equals the reference`(index: Int, backend: Backend) throws {
    for (queryCount, keyCount) in [(1, 1), (7, 5), (5, 140), (130, 600)] {
      let shape = OperatorCase(
        queryCount: queryCount, keyCount: keyCount, headCount: 6, keyValueHeadCount: 3,
        keyDimension: 8, valueDimension: 5)
      try shape.expectReference(
        Self.options[index].make(queryCount, keyCount), on: backend,
        "\(Self.options[index].name), \(shape)")
    }
  }

  @Test(arguments: options.indices, fastBackends)
  func `every score option equals the reference with packed sequences`(
    index: Int, backend: Backend
  ) throws {
    let (lengths, keyLengths) = ([3, 0, 1, 60, 7], [4, 2, 0, 70, 7])
    let shape = OperatorCase(
      queryCount: 71, keyCount: 83, headCount: 6, keyValueHeadCount: 1, keyDimension: 4,
      valueDimension: 4)
    var options = try Self.options[index].make(71, 83)
    options.lengths = lengths
    options.keyLengths = keyLengths
    try shape.expectReference(options, on: backend, Self.options[index].name)
  }

  @Test(
    arguments: [(4, 3), (5, 9), (8, 20), (32, 128), (33, 17), (6, Int.max)], [false, true])
  func `every score gets the bias of its distance, for all numbers of buckets`(
    kind: (buckets: Int, maximum: Int), isBidirectional: Bool
  ) throws {
    let bias = try RelativePositionBias(
      table: try Self.noise([kind.buckets, 6], seed: 8), isBidirectional: isBidirectional,
      maximumDistance: kind.maximum)
    for (queryCount, keyCount) in [(1, 1), (1, 300), (90, 40), (70, 290)] {
      let shape = OperatorCase(
        queryCount: queryCount, keyCount: keyCount, headCount: 6, keyDimension: 4,
        valueDimension: 4)
      try shape.expectReference(
        AttentionOptions(modifiers: [bias]), on: .portable, "\(kind), \(isBidirectional)")
    }
  }

  @Test func `positions that cannot occur give a result and do not trap`() throws {
    let table = try Self.noise([32, 6], seed: 8)
    let relative = try RelativePositionBias(table: table, isBidirectional: true)
    #expect(relative.bucket(ofDistance: .min) == 15)
    #expect(relative.bucket(ofDistance: .max) == 31)
    let position = ScorePosition(head: 6, query: .min, key: .max, queryCount: 1, keyCount: 1)
    #expect(relative.bias(at: position).isNaN)
    #expect(try LinearBias(headCount: 6).bias(at: position).isNaN)
    #expect(try LinearBias(headCount: 7).bias(at: position).isFinite)
  }

  /// A square that also implements `modify(_:)` and `multiplyDerivative(into:scores:)`.
  struct Square: ScoreModifier {
    func value(of score: Double, at position: ScorePosition) -> Double { score * score }
    func derivative(of score: Double, at position: ScorePosition) -> Double { 2 * score }
    func modify(_ tile: ScoreTile) {
      tile.forEachRow { _, row in
        for index in row.indices { row[index] *= row[index] }
      }
    }
    func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile) {
      for query in gradient.queries {
        gradient.withRow(of: query) { slopes in
          scores.withRow(of: query) { inputs in
            for index in slopes.indices { slopes[index] *= 2 * inputs[index] }
          }
        }
      }
      #expect(gradient.withRow(of: gradient.queries.upperBound) { _ in } == nil)
    }
  }

  @Test func `a modifier's optimized loops equal its formula`() throws {
    let x = try OperatorCase(queryCount: 5, keyCount: 140).arguments()
    let options = AttentionOptions(modifiers: [Square()])
    let outputGradient = try Self.noise([5, 2, 16], seed: 4)
    let tiled = try attentionGradients(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options)
    let exact = try ReferenceGradients<Double>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options)
    let naive = try ReferenceGradients<Float>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options)
    // The scores are squares of large numbers. The typical rounding error of a dot product of 16
    // terms, u (8 + 4 √16), changes them in every implementation; `sensitivity` measures by how
    // much.
    let shifted = try Tensor(
      shape: x.queries.shape, scalars: x.queries.scalars.map { $0 * (1 + 24 * 0x1p-24) })
    let moved = try ReferenceGradients<Double>(
      of: outputGradient, queries: shifted, keys: x.keys, values: x.values, options: options)
    for (found, naive, exact, moved) in [
      (tiled.queries, naive.queries, exact.queries, moved.queries),
      (tiled.keys, naive.keys, exact.keys, moved.keys),
    ] {
      let largest = exact.reduce(0) { max($0, abs($1)) }
      let sensitivity = zip(exact, moved).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(
        largestDistance(found.scalars, exact)
          <= 2 * largestDistance(naive, exact) + 1e-6 * largest + sensitivity)
    }
  }

  @Test func `ALiBi's slopes equal the published ones`() throws {
    #expect(try LinearBias.publishedSlopes(headCount: 8) == (1...8).map { 1 / Float(1 << $0) })
    let twelve = try LinearBias.publishedSlopes(headCount: 12)
    let expected = (1...8).map { 1 / Float(1 << $0) } + [0.5, 1.5, 2.5, 3.5].map { powf(2, -$0) }
    #expect(zip(twelve, expected).allSatisfy { abs($0 - $1) < 1e-7 } && twelve.count == 12)
    #expect(try LinearBias.publishedSlopes(headCount: 0).isEmpty)
  }

  @Test func `a softcap does not reveal a masked key`() throws {
    let arguments = try OperatorCase(queryCount: 3, keyCount: 4).arguments()
    let result = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(softcap: 1, mask: .keys([true, false, true, true])),
      returning: .weights)
    let weights = try #require(result.weights)
    for query in 0..<3 { #expect(weights[0, query, 1] == 0) }
  }

  @Test(arguments: fastBackends)
  func `a sink takes a share of the weights, and alone gives zeros`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 2, keyCount: 3).arguments()
    let sinks = try Tensor(shape: [2], scalars: [0.5, -1])
    let result = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(mask: .keys([false, false, false]), sinks: sinks),
      returning: [.weights, .logSumExp], on: backend)
    #expect(result.output.scalars.allSatisfy { $0 == 0 })
    #expect(result.logSumExp?.scalars == [0.5, 0.5, -1, -1])
    let open = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(sinks: sinks), returning: .weights, on: backend)
    let sum = try (0..<3).reduce(Float(0)) { $0 + (try #require(open.weights)[0, 0, $1]) }
    #expect(sum > 0 && sum < 0.999)
  }

  @Test(arguments: [Float(0.1), 0.3, 0.5, 0.9])
  func `dropout drops weights at its rate and scales the others`(rate: Float) throws {
    let dropout = try AttentionDropout(rate: rate, seed: 3)
    let count = 1 << 18
    let factors = (0..<count).map {
      dropout.factor(head: $0 & 3, sequence: 0, query: $0 >> 9, key: $0 & 511)
    }
    let kept = factors.filter { $0 != 0 }
    #expect(kept.allSatisfy { $0 == 1 / (1 - rate) })
    // Within 5 standard deviations of the binomial distribution.
    let share = 1 - Double(kept.count) / Double(count)
    let deviation = (Double(rate) * Double(1 - rate) / Double(count)).squareRoot()
    #expect(abs(share - Double(rate)) < 5 * deviation)
  }

  @Test func `dropout differs between heads, sequences, queries and keys`() throws {
    let dropout = try AttentionDropout(rate: 0.5, seed: 3)
    func kept(head: Int = 1, sequence: Int = 1, query: Int = 1, firstKey: Int = 0) -> [Bool] {
      (firstKey..<firstKey + 4096).map {
        dropout.factor(head: head, sequence: sequence, query: query, key: $0) != 0
      }
    }
    let all = [kept(), kept(head: 2), kept(sequence: 2), kept(query: 2), kept(firstKey: 1)]
    for (index, one) in all.enumerated() {
      for other in all[..<index] {
        // Half of the factors are equal by chance, within 5 standard deviations.
        #expect(abs(zip(one, other).count { $0 == $1 } - 2048) < 5 * 32)
      }
    }
  }

  @Test func `dropout drops weights at about its rate, the same for equal seeds`() throws {
    let arguments = try OperatorCase(queryCount: 100, keyCount: 100).arguments()
    func weights(_ seed: UInt64) throws -> [Float] {
      let options = AttentionOptions(dropout: try AttentionDropout(rate: 0.25, seed: seed))
      let result = try attention(
        queries: arguments.queries, keys: arguments.keys, values: arguments.values,
        options: options, returning: .weights)
      return try #require(result.weights).scalars
    }
    let first = try weights(1)
    let share = Double(first.count { $0 == 0 }) / Double(first.count)
    #expect(abs(share - 0.25) < 0.02)
    #expect(try weights(1) == first)
    #expect(try weights(2) != first)
  }

  @Test(arguments: [Float(-0.1), 1.1, .nan])
  func `a dropout rate outside of 0...1 is rejected`(rate: Float) {
    let error = #expect(throws: AttentionError.self) {
      try AttentionDropout(rate: rate, seed: 0)
    }
    #expect("\(String(describing: error))".contains("dropout"))
  }

  // MARK: - Helpers

  static func noise(_ shape: Shape, seed: UInt64) throws -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return try generator.normalTensor(shape)
  }

  static func relative(isBidirectional: Bool) throws -> AttentionOptions {
    AttentionOptions(modifiers: [
      try RelativePositionBias(
        table: try noise([32, 6], seed: 8), isBidirectional: isBidirectional)
    ])
  }
}
