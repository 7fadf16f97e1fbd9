import Attention
import Foundation
import TestSupport
import Testing

@Suite struct TokenConvolutionTests {
  private static let size = 6

  private func convolution(
    kernelSize: Int, groups: Int, _ generator: inout SeededGenerator
  ) throws -> (TokenConvolution, weight: Tensor, bias: Tensor) {
    let weight = try generator.normalTensor([Self.size, Self.size / groups, kernelSize])
    let bias = try generator.normalTensor([Self.size])
    let convolution = try TokenConvolution(
      weight: weight, bias: bias, groups: groups, activation: .tanh,
      norm: .layer(generator.layerNorm(featureCount: Self.size)))
    return (convolution, weight, bias)
  }

  private func block(
    _ convolution: TokenConvolution?, _ generator: inout SeededGenerator
  ) throws -> TransformerBlock {
    func square() throws -> Linear { try generator.linear(from: Self.size, to: Self.size) }
    return try TransformerBlock(
      attention: MultiHeadAttention(
        query: square(), key: square(), value: square(), output: square(), headCount: 2),
      attentionNorms: .init(),
      feedForward: FeedForward(
        upProjection: square(), activation: .relu, downProjection: square()),
      feedForwardNorms: .init(), convolution: convolution)
  }

  @Test(arguments: [(1, 1), (3, 1), (5, 1), (3, 2), (3, 6)])
  func `a block adds f(conv(x) + b) and normalizes, within each sequence`(
    kernelSize: Int, groups: Int
  ) throws {
    var generator = SeededGenerator(seed: 61)
    let (convolution, weight, bias) = try convolution(
      kernelSize: kernelSize, groups: groups, &generator)
    let plain = try block(nil, &generator)
    let whole = try TransformerBlock(
      attention: plain.attention, attentionNorms: plain.attentionNorms,
      feedForward: plain.feedForward, feedForwardNorms: plain.feedForwardNorms,
      convolution: convolution)
    let lengths = [4, 1, 0, 7]
    let x = try generator.normalTensor([12, Self.size])
    let y = try Transformer(blocks: [plain])(x, lengths: lengths).output
    var sum = y
    try sum.withMutableSpan { sum in
      var start = 0
      for length in lengths {
        for token in 0..<length {
          for feature in 0..<Self.size {
            let inputs = Self.size / groups
            var value = Double(bias.scalars[feature])
            for offset in 0..<kernelSize {
              let source = token + offset - kernelSize / 2
              guard (0..<length).contains(source) else { continue }
              for input in 0..<inputs {
                value +=
                  Double(weight[feature, input, offset])
                  * Double(x[start + source, feature / inputs * inputs + input])
              }
            }
            sum[(start + token) * Self.size + feature] += Float(tanh(value))
          }
        }
        start += length
      }
    }
    let expected = try convolution.norm(sum).scalars.map(Double.init)
    for backend in Backend.all {
      try withCompute(backend: backend, threads: 2) {
        let found = try Transformer(blocks: [whole])(x, lengths: lengths).output
        #expect(largestDistance(found.scalars, expected) < 2e-5, "\(backend)")
      }
    }
  }

  @Test func `invalid convolutions, and caches, are refused`() throws {
    var generator = SeededGenerator(seed: 62)
    let (convolution, _, bias) = try convolution(kernelSize: 3, groups: 1, &generator)
    func failure(_ shape: Shape, groups: Int = 1, bias: Tensor = bias, norm: Int = 6) -> String {
      failureText {
        try TokenConvolution(
          weight: Tensor(shape: shape, repeating: 0), bias: bias, groups: groups, activation: .gelu,
          norm: .layer(
            LayerNorm(
              weight: Tensor(shape: [norm], repeating: 1),
              bias: Tensor(shape: [norm], repeating: 0),
              epsilon: 1e-5)))
      }
    }
    #expect(failure([6, 6]).contains("weight: expected [output feature, input feature, kernel]"))
    #expect(failure([6, 6, 2]).contains("kernel size: expected an odd number, got 2"))
    for groups in [0, -1, 4, 2] {
      #expect(failure([6, 6, 3], groups: groups).contains("groups: expected 6 features"))
    }
    #expect(failure([6, 6, 3], norm: 5).contains("norm: expected 6 features, got 5"))
    let short = try Tensor(shape: [5], repeating: 0)
    #expect(failure([6, 6, 3], bias: short).contains("bias"))
    let transformer = try Transformer(blocks: [block(convolution, &generator)])
    var caches = try transformer.makeCaches(sequenceCount: 1)
    let text = failureText {
      try transformer(generator.normalTensor([2, 6]), lengths: [2], caches: &caches)
    }
    #expect(text.contains("convolution: not supported with a cache"), "\(text)")
    #expect("\(convolution)" == "TokenConvolution(6, kernel size 3, tanh)")
  }
}
