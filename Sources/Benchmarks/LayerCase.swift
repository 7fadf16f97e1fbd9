import Attention

/// Runs a layer with random weights on one sequence.
package struct LayerCase {
  package enum Kind: String, CaseIterable {
    case attention = "MultiHeadAttention"
    case block = "TransformerBlock"
  }

  package let kind: Kind
  package let tokens: Int
  package let hiddenSize: Int
  package let heads: Int
  package let intermediateSize: Int

  package init(
    kind: Kind, tokens: Int, hiddenSize: Int, heads: Int, intermediateSize: Int
  ) {
    self.kind = kind
    self.tokens = tokens
    self.hiddenSize = hiddenSize
    self.heads = heads
    self.intermediateSize = intermediateSize
  }

  /// The bound for the difference of two float32 computations, as a fraction of the largest magnitude.
  private static let bound = 1e-5

  package var benchCase: BenchCase {
    BenchCase(
      name: "\(kind.rawValue) \(tokens)", length: tokens, series: BenchSeries(kind.rawValue)
    ) {
      var generator = BenchGenerator(seed: 3)
      let layer = try layer(&generator)
      let input = try generator.normalTensor([tokens, hiddenSize])
      return BenchCase.Prepared(
        work: BenchWork(operations: operations, tokens: tokens),
        run: { _ = try layer(input) },
        check: {
          let expected = try withOtherBackend { try layer(input) }
          return BenchCheck(try layer(input), expected: expected, relativeBound: Self.bound)
        },
        arrays: { [] })
    }
  }

  /// 2 operations for each weight and token, plus the operations of the attention operator.
  private var operations: Double {
    let (T, W, I) = (Double(tokens), Double(hiddenSize), Double(intermediateSize))
    let attention = 2 * T * 4 * W * W + 4 * T * T * W
    return kind == .attention ? attention : attention + 2 * T * 2 * W * I
  }

  private func layer(
    _ generator: inout BenchGenerator
  ) throws -> (Tensor) throws -> Tensor {
    func linear(from input: Int, to output: Int) throws -> Linear {
      // Preserves the variance.
      let deviation = 1 / Float(input).squareRoot()
      return try Linear(
        weight: generator.normalTensor([output, input], deviation: deviation),
        bias: generator.normalTensor([output], deviation: 0.1))
    }
    let attention = try MultiHeadAttention(
      query: linear(from: hiddenSize, to: hiddenSize),
      key: linear(from: hiddenSize, to: hiddenSize),
      value: linear(from: hiddenSize, to: hiddenSize),
      output: linear(from: hiddenSize, to: hiddenSize),
      headCount: heads)
    if kind == .attention { return { try attention($0) } }
    let norm = try LayerNorm(
      weight: Tensor(shape: [hiddenSize], repeating: 1),
      bias: Tensor(shape: [hiddenSize], repeating: 0),
      epsilon: 1e-12)
    let block = try Transformer(blocks: [
      TransformerBlock(
        attention: attention, attentionNorms: .init(post: .layer(norm)),
        feedForward: FeedForward(
          upProjection: linear(from: hiddenSize, to: intermediateSize), activation: .gelu,
          downProjection: linear(from: intermediateSize, to: hiddenSize)),
        feedForwardNorms: .init(post: .layer(norm)))
    ])
    return { try block($0).output }
  }
}
