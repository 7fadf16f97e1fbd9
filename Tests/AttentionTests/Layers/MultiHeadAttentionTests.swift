import Attention
import TestSupport
import Testing

@Suite struct MultiHeadAttentionTests {
  /// A layer of hidden size 20 whose keys and values have different head dimensions.
  private func layer(
    heads: Int, groups: Int, encoderHiddenSize: Int = 20, hasBias: Bool = true
  ) throws -> MultiHeadAttention {
    var generator = SeededGenerator(seed: 11)
    return try MultiHeadAttention(
      query: generator.linear(from: 20, to: heads * 5, hasBias: hasBias),
      key: generator.linear(from: encoderHiddenSize, to: groups * 5, hasBias: hasBias),
      value: generator.linear(from: encoderHiddenSize, to: groups * 7, hasBias: hasBias),
      output: generator.linear(from: heads * 7, to: 20, hasBias: hasBias), headCount: heads,
      keyValueHeadCount: groups)
  }

  private func input(_ count: Int, hiddenSize: Int = 20, seed: UInt64 = 12) throws -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return try generator.normalTensor([count, hiddenSize])
  }

  private func expectExact(
    _ result: AttentionResult, _ layer: MultiHeadAttention, _ x: Tensor,
    encoderOutput: Tensor? = nil, keeps: (Int, Int) -> Bool = { _, _ in true }
  ) throws {
    let exact = NaiveLayers<Double>.attention(
      layer, NaiveLayers.rows(x), encoderOutput: encoderOutput.map(NaiveLayers<Double>.rows),
      keeps: keeps)
    let naive = NaiveLayers<Float>.attention(
      layer, NaiveLayers.rows(x), encoderOutput: encoderOutput.map(NaiveLayers<Float>.rows),
      keeps: keeps)
    #expect(result.output.shape == x.shape)
    #expect(isAsExactAsNaive(result.output, exact: exact.output, naive: naive.output))
    let weights = try #require(result.weights)
    #expect(weights.shape == [layer.headCount, x.shape[0], (encoderOutput ?? x).shape[0]])
    #expect(
      isAsExactAsNaive(
        weights, exact: Array(exact.weights.joined()), naive: Array(naive.weights.joined())))
  }

  @Test(arguments: [(4, 4), (4, 2), (4, 1), (1, 1), (6, 3)], Backend.all)
  func `self-attention is as accurate as naive single precision, with and without grouped heads`(
    heads: (Int, Int), backend: Backend
  ) throws {
    for hasBias in [true, false] {
      let layer = try layer(heads: heads.0, groups: heads.1, hasBias: hasBias)
      let x = try input(31)
      let result = try withCompute(backend: backend) { try layer(x, returning: .weights) }
      try expectExact(result, layer, x)
    }
  }

  @Test(arguments: [(9, 23), (23, 9), (1, 5), (5, 1)], Backend.all)
  func `cross-attention reads an encoder output of another length and hidden size`(
    counts: (Int, Int), backend: Backend
  ) throws {
    let layer = try layer(heads: 4, groups: 2, encoderHiddenSize: 13)
    let x = try input(counts.0)
    let encoderOutput = try input(counts.1, hiddenSize: 13, seed: 13)
    let result = try withCompute(backend: backend) {
      try layer(x, encoderOutput: encoderOutput, returning: .weights)
    }
    try expectExact(result, layer, x, encoderOutput: encoderOutput)
  }

  @Test(arguments: Backend.all)
  func `masks and packed lengths hide the right keys`(backend: Backend) throws {
    let layer = try layer(heads: 4, groups: 2)
    let x = try input(17)
    let sequence = [0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3]
    let options = AttentionOptions(mask: .causal, lengths: [4, 1, 7, 5])
    let result = try withCompute(backend: backend) {
      try layer(x, options: options, returning: [.weights, .logSumExp])
    }
    try expectExact(result, layer, x) { sequence[$0] == sequence[$1] && $1 <= $0 }
    #expect(result.logSumExp?.shape == [4, 17])
  }

  @Test(arguments: Backend.all)
  func `without encoder tokens the output is the bias`(backend: Backend) throws {
    let layer = try layer(heads: 4, groups: 2, encoderHiddenSize: 13)
    let encoderOutput = try Tensor(shape: [0, 13], scalars: [])
    let y = try withCompute(backend: backend) { try layer(input(2), encoderOutput: encoderOutput) }
    let bias = try #require(layer.output.bias).scalars
    #expect(y.scalars == bias + bias)
  }

  @Test func `the projections equal the outputs of the linear layers, split into heads`() throws {
    let layer = try layer(heads: 4, groups: 2, encoderHiddenSize: 13)
    let x = try input(3)
    let encoderOutput = try input(6, hiddenSize: 13)
    let (queries, keys, values) = try layer.projections(of: x, encoderOutput: encoderOutput)
    #expect(queries.shape == [3, 4, 5])
    #expect(keys.shape == [6, 2, 5])
    #expect(values.shape == [6, 2, 7])
    #expect(try queries.scalars == layer.query(x).scalars)
    #expect(try keys.scalars == layer.key(encoderOutput).scalars)
    #expect(try values.scalars == layer.value(encoderOutput).scalars)
  }
}
