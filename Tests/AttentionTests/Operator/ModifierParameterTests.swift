import Attention
import TestSupport
import Testing

/// A factor for each head, s ← θₕ · s: a modifier with trainable numbers that only uses public API.
private struct HeadFactor: ScoreModifier {
  var factors: [Double]

  var parameters: Tensor? {
    try? Tensor(shape: [factors.count], scalars: factors.map { Float($0) })
  }

  func value(of score: Double, at position: ScorePosition) -> Double {
    factors[position.head] * score
  }

  func derivative(of score: Double, at position: ScorePosition) -> Double {
    factors[position.head]
  }

  func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)] {
    [(position.head, score)]
  }
}

/// A trainable bias for the first and for all further keys, s ← s + θ: additive, shared by all heads.
private struct FirstKeyBias: ScoreBias {
  var values: [Double]

  var parameters: Tensor? { try? Tensor(shape: [2], scalars: values.map { Float($0) }) }

  func bias(at position: ScorePosition) -> Double { values[position.key == 0 ? 0 : 1] }

  func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)] {
    [(position.key == 0 ? 0 : 1, 1)]
  }
}

/// Modifiers with trainable numbers, written outside of the package's sources.
@Suite struct ModifierParameterTests {
  private let shape = OperatorCase(
    queryCount: 9, keyCount: 9, headCount: 4, keyValueHeadCount: 2, keyDimension: 5,
    valueDimension: 3)

  private func options(_ factors: [Double], _ biases: [Double]) throws -> AttentionOptions {
    AttentionOptions(
      softcap: 3,
      modifiers: [
        HeadFactor(factors: factors), try LinearBias(headCount: 4),
        FirstKeyBias(values: biases),
      ],
      bias: try ModifierTests.noise([9, 9], seed: 5), mask: .causal, lengths: [4, 5])
  }

  private let factors = [0.5, 1, 1.5, -0.75]
  private let biases = [0.25, -0.5]

  @Test(arguments: Backend.all)
  func `the gradient of parameters is that of central differences`(backend: Backend) throws {
    let x = try shape.arguments()
    let outputGradient = try ModifierTests.noise([9, 4, 3], seed: 12)
    func loss(_ factors: [Double], _ biases: [Double]) throws -> Double {
      let output = try ReferenceAttention(
        queries: x.queries, keys: x.keys, values: x.values, options: options(factors, biases)
      ).output
      return zip(output, outputGradient.scalars).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let gradients = try attentionGradients(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
      options: options(factors, biases), on: backend)
    #expect(gradients.modifiers.count == 3 && gradients.modifiers[1] == nil)
    #expect(gradients.bias?.shape == [9, 9])
    let step = 1e-5
    func stepped(_ values: [Double], _ index: Int, _ step: Double) -> [Double] {
      var values = values
      values[index] += step
      return values
    }
    let found = try #require(gradients.modifiers[0])
    #expect(found.shape == [4])
    for index in factors.indices {
      let difference =
        (try loss(stepped(factors, index, step), biases)
          - loss(stepped(factors, index, -step), biases)) / (2 * step)
      #expect(abs(Double(found[index]) - difference) <= 2e-6 * max(1, abs(difference)))
      #expect(difference != 0)
    }
    let foundBiases = try #require(gradients.modifiers[2])
    for index in biases.indices {
      let difference =
        (try loss(factors, stepped(biases, index, step))
          - loss(factors, stepped(biases, index, -step))) / (2 * step)
      #expect(abs(Double(foundBiases[index]) - difference) <= 2e-6 * max(1, abs(difference)))
      #expect(difference != 0)
    }
  }

  @Test(arguments: [Backend.native, .portable])
  func `the gradient does not depend on the number of threads`(backend: Backend) throws {
    let x = try OperatorCase(
      queryCount: 300, keyCount: 300, headCount: 4, keyValueHeadCount: 2, keyDimension: 8,
      valueDimension: 8
    ).arguments()
    let options = AttentionOptions(
      modifiers: [
        HeadFactor(factors: factors),
        try RelativePositionBias(
          table: try ModifierTests.noise([8, 4], seed: 3), isBidirectional: true),
      ], lengths: [100, 200])
    let outputGradient = try ModifierTests.noise([300, 4, 8], seed: 12)
    func gradients(threads: Int) throws -> [Tensor?] {
      try withCompute(threads: threads) {
        try attentionGradients(
          of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
          options: options, on: backend
        ).modifiers
      }
    }
    let alone = try gradients(threads: 1)
    #expect(alone.allSatisfy { $0 != nil })
    #expect(try gradients(threads: 4) == alone)
  }
}
