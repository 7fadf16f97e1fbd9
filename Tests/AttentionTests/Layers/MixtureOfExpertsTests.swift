import TestSupport
import Testing

@testable import Attention

@Suite struct MixtureOfExpertsTests {
  /// A mixture with random weights.
  struct Shape: Sendable, CustomTestStringConvertible {
    var experts: Int
    var activeCount: Int
    var isNormalized = false
    var isGated = true
    var hasSharedExpert = false
    var hasSharedGate = false
    var format = WeightFormat.float32

    var testDescription: String { "\(self)" }

    func layer(_ generator: inout SeededGenerator) throws -> MixtureOfExperts {
      func feedForward(_ size: Int) throws -> FeedForward {
        func linear(_ input: Int, _ output: Int) throws -> Linear {
          let layer = try generator.linear(from: input, to: output, hasBias: !isGated)
          return try Linear(weight: layer.weight, bias: layer.bias, format: format)
        }
        return try FeedForward(
          upProjection: linear(20, size), gateProjection: isGated ? linear(20, size) : nil,
          activation: .silu, downProjection: linear(size, 20))
      }
      return try MixtureOfExperts(
        router: generator.linear(from: 20, to: experts, hasBias: false),
        experts: (0..<experts).map { _ in try feedForward(37) }, activeCount: activeCount,
        normalizesWeights: isNormalized,
        sharedExpert: hasSharedExpert ? feedForward(15) : nil,
        sharedGate: hasSharedGate ? generator.linear(from: 20, to: 1, hasBias: false) : nil)
    }
  }

  static let shapes = [
    Shape(experts: 1, activeCount: 1), Shape(experts: 4, activeCount: 2, isNormalized: true),
    Shape(experts: 9, activeCount: 3, hasSharedExpert: true, hasSharedGate: true),
    Shape(experts: 5, activeCount: 5, isGated: false, hasSharedExpert: true),
    Shape(experts: 64, activeCount: 8), Shape(experts: 4, activeCount: 2, format: .bfloat16),
  ]

  @Test(arguments: shapes, Backend.all)
  func `results are as accurate as naive single precision`(shape: Shape, backend: Backend) throws {
    var generator = SeededGenerator(seed: 21)
    let layer = try shape.layer(&generator)
    for tokens in [1, 2, 40] {
      let x = try generator.normalTensor([tokens, 20])
      for threads in [1, 3] {
        let y = try withCompute(backend: backend, threads: threads) { try layer(x) }
        #expect(y.shape == [tokens, 20])
        #expect(
          isAsExactAsNaive(
            y, exact: NaiveLayers.mixture(layer, NaiveLayers.rows(x)),
            naive: NaiveLayers.mixture(layer, NaiveLayers.rows(x))))
      }
    }
  }

  @Test func `more rows than a group, all of one expert`() throws {
    var generator = SeededGenerator(seed: 22)
    let experts = try (0..<2).map { _ in
      try FeedForward(
        upProjection: generator.linear(from: 3, to: 4), activation: .relu,
        downProjection: generator.linear(from: 4, to: 3))
    }
    let router = try Linear(weight: Tensor(shape: [2, 3], scalars: [9, 0, 0, -9, 0, 0]))
    let layer = try MixtureOfExperts(
      router: router, experts: experts, activeCount: 1, normalizesWeights: true)
    let rowCount = 2 * Tuning.expertRows + 3
    var scalars = try generator.normalTensor([rowCount, 3]).scalars
    for row in 0..<rowCount { scalars[3 * row] = 1 }
    let x = try Tensor(shape: [rowCount, 3], scalars: scalars)
    let expected = try experts[0](x).scalars.map(Double.init)
    #expect(largestDistance(try layer(x).scalars, expected) <= 1e-5)
    #expect(try layer(Tensor(shape: [0, 3], scalars: [])).shape == [0, 3])
  }

  @Test func `a row has the same bits alone and in any batch, with any number of threads`() throws {
    var generator = SeededGenerator(seed: 23)
    let shape = Shape(experts: 6, activeCount: 2, hasSharedExpert: true, hasSharedGate: true)
    let layer = try shape.layer(&generator)
    let x = try generator.normalTensor([30, 20])
    func rows(threads: Int, _ rows: Range<Int>) throws -> [UInt32] {
      try withCompute(threads: threads, reproducible: true) {
        try layer(x.rows(rows)).scalars.map(\.bitPattern)
      }
    }
    let all = try rows(threads: 1, 0..<30)
    #expect(try rows(threads: 3, 0..<30) == all)
    for row in 0..<30 {
      #expect(try rows(threads: 2, row..<row + 1) == Array(all[row * 20..<(row + 1) * 20]))
    }
  }

  @Test func `of equal probabilities, the first experts are chosen`() throws {
    let logits = try Tensor(shape: [3, 4], scalars: [1, 1, 1, 1, 0, 3, 0, 3, 2, 2, 3, 2])
    let routes = try ExpertRoutes(logits: logits, activeCount: 2, normalizesWeights: false)
    // By expert: 0 of tokens 0 and 2, 1 of tokens 0 and 1, 2 of token 2, 3 of token 1.
    #expect(routes.tokens == [0, 2, 0, 1, 2, 1])
    #expect(routes.weights[0] == 0.25 && routes.weights[2] == 0.25)
    #expect(routes.groups(rowLimit: 100).map { $0.map(\.expert) } == [[0, 1, 2, 3]])
    #expect(routes.groups(rowLimit: 1).map { $0.map(\.rows) } == (0..<6).map { [$0..<$0 + 1] })
  }

  @Test func `parts that do not match are named`() throws {
    var generator = SeededGenerator(seed: 24)
    func dense(_ hidden: Int, _ size: Int, isGated: Bool = false) throws -> FeedForward {
      try FeedForward(
        upProjection: generator.linear(from: hidden, to: size),
        gateProjection: isGated ? generator.linear(from: hidden, to: size) : nil, activation: .relu,
        downProjection: generator.linear(from: size, to: hidden))
    }
    func failure(
      router: Int = 2, experts: [FeedForward]? = nil, active: Int = 1,
      shared: FeedForward? = nil, gate: Linear? = nil
    ) throws -> String {
      let experts = try experts ?? [dense(8, 5), dense(8, 5)]
      let router = try generator.linear(from: 8, to: router)
      return failureText {
        try MixtureOfExperts(
          router: router, experts: experts, activeCount: active, normalizesWeights: false,
          sharedExpert: shared, sharedGate: gate)
      }
    }
    #expect(try failure(router: 3).contains("router: expected 2 output features"))
    #expect(try failure(router: 0, experts: []).contains("router: "))
    for count in [0, 3, -1] {
      #expect(try failure(active: count).contains("activeCount: expected 1 to 2"))
    }
    let other = try [dense(7, 5), dense(8, 6), dense(8, 5, isGated: true)]
    for expert in other {
      #expect(
        try failure(experts: [dense(8, 5), expert]).contains("experts[1]: expected hidden size 8"))
    }
    #expect(try failure(shared: dense(7, 5)).contains("sharedExpert: expected hidden size 8"))
    let gate = try generator.linear(from: 8, to: 1)
    #expect(try failure(gate: gate).contains("sharedGate: expected a shared expert"))
    let wide = try generator.linear(from: 8, to: 2)
    #expect(try failure(shared: dense(8, 5), gate: wide).contains("sharedGate"))
    let layer = try Shape(experts: 2, activeCount: 1).layer(&generator)
    #expect(
      failureText { try layer(Tensor(shape: [2, 19], repeating: 0)) }.contains("[token, 20]"))
  }

  @Test(arguments: Backend.all)
  func `a cancelled task ends with CancellationError`(backend: Backend) async throws {
    var generator = SeededGenerator(seed: 26)
    let layer = try Shape(experts: 4, activeCount: 2).layer(&generator)
    let x = try generator.normalTensor([9, 20])
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try withCompute(backend: backend) { try layer(x) } }
    }
  }

  @Test func `descriptions have the sizes`() throws {
    var generator = SeededGenerator(seed: 25)
    let shape = Shape(
      experts: 4, activeCount: 2, isNormalized: true, hasSharedExpert: true, hasSharedGate: true)
    #expect(
      "\(FeedForwardLayer.experts(try shape.layer(&generator)))"
        == "MixtureOfExperts(2 of 4 experts: FeedForward(20 → 37 → 20, silu, gated), normalized, "
        + "shared: FeedForward(20 → 15 → 20, silu, gated), shared gate)")
  }
}
