import Attention
import TestSupport
import Testing

/// Weights and inputs of wrong sizes: the error names the argument, the expected and the actual
/// shape.
@Suite struct LayerErrorTests {
  private func zeros(_ dimensions: Int...) throws -> Tensor {
    try Tensor(shape: Shape(dimensions), repeating: 0)
  }

  private func linear(_ input: Int, _ output: Int) throws -> Linear {
    try Linear(weight: zeros(output, input), bias: zeros(output))
  }

  private func norm(_ featureCount: Int) throws -> LayerNorm {
    try LayerNorm(weight: zeros(featureCount), bias: zeros(featureCount), epsilon: 1e-5)
  }

  private func attention(
    query: (Int, Int) = (8, 8), key: (Int, Int) = (8, 8), value: (Int, Int) = (8, 8),
    output: (Int, Int) = (8, 8), heads: Int = 2, groups: Int? = nil
  ) throws -> MultiHeadAttention {
    try MultiHeadAttention(
      query: linear(query.0, query.1), key: linear(key.0, key.1),
      value: linear(value.0, value.1), output: linear(output.0, output.1), headCount: heads,
      keyValueHeadCount: groups)
  }

  private func expect(
    _ words: String..., in body: @autoclosure () throws -> Any,
    at location: SourceLocation = #_sourceLocation
  ) {
    let text = failureText { try body() }
    for word in words { #expect(text.contains(word), "\(text)", sourceLocation: location) }
  }

  @Test func `an error of a linear layer names the weight, bias or input`() throws {
    expect(
      "weight: expected [output feature, input feature]", "[4]", in: try Linear(weight: zeros(4)))
    expect(
      "bias: expected [3] for weight [3, 4]", "got shape [4]",
      in: try Linear(weight: zeros(3, 4), bias: zeros(4)))
    expect("bias", "[3, 1]", in: try Linear(weight: zeros(3, 4), bias: zeros(3, 1)))
    expect("input: expected [token, 4], got shape [2, 3]", in: try linear(4, 3)(zeros(2, 3)))
    expect("input: expected [token, 4], got shape [4]", in: try linear(4, 3)(zeros(4)))
    expect("input", "[1, 2, 4]", in: try linear(4, 3)(zeros(1, 2, 4)))
  }

  @Test func `an error of a norm names the weight, bias, epsilon or input`() throws {
    expect(
      "weight: expected [feature], got shape [1, 4]",
      in: try LayerNorm(weight: zeros(1, 4), bias: zeros(4), epsilon: 1))
    expect(
      "bias: expected the shape [4] of weight, got shape [5]",
      in: try LayerNorm(weight: zeros(4), bias: zeros(5), epsilon: 1))
    for epsilon in [0, -1e-5, .nan, .infinity] as [Float] {
      expect(
        "epsilon: expected a positive number, got \(epsilon)",
        in: try LayerNorm(weight: zeros(4), bias: zeros(4), epsilon: epsilon))
    }
    expect("input: expected [token, 4], got shape [2, 5]", in: try norm(4)(zeros(2, 5)))
    expect("input: expected [token, 4], got shape [4]", in: try norm(4)(zeros(4)))
  }

  @Test func `an error of an embedding names the weight`() throws {
    expect("weight: expected [index, feature], got shape [4]", in: try Embedding(weight: zeros(4)))
  }

  @Test func `an error of a feed-forward layer names the projection`() throws {
    expect(
      "downProjection.weight: expected [hidden size, 9], got shape [4, 8]",
      in: try FeedForward(
        upProjection: linear(4, 9), activation: .relu, downProjection: linear(8, 4)))
    let layer = try FeedForward(
      upProjection: linear(4, 9), activation: .relu, downProjection: linear(9, 4))
    expect("input: expected [token, 4], got shape [2, 5]", in: try layer(zeros(2, 5)))
  }

  @Test func `invalid numbers of heads are rejected`() throws {
    for (heads, groups) in [(0, 0), (-1, 1), (1, 0), (2, -2), (3, 2), (2, 4), (Int.min, -1)] {
      expect(
        "heads: ", "\(heads) heads and \(groups) key-value heads",
        in: try attention(heads: heads, groups: groups))
    }
    expect("query: 8 ", "not divisible by 3 heads", in: try attention(heads: 3))
    expect(
      "key: 7 ", "not divisible by 2 heads", in: try attention(key: (8, 7)))
    expect("value: 0 ", "not divisible", in: try attention(value: (8, 0)))
  }

  @Test func `an error of mismatched projections names one of them`() throws {
    expect("key: expected the head dimension 4 of query", "[6, 8]", in: try attention(key: (8, 6)))
    expect("output: expected 6 input features", "[8, 8]", in: try attention(value: (8, 6)))
  }

  @Test func `an error names an input or encoder output of another size`() throws {
    let own = try attention()
    expect("input: expected [token, 8], got shape [3, 9]", in: try own(zeros(3, 9)))
    let cross = try attention(key: (5, 8), value: (5, 8))
    expect(
      "encoderOutput: expected [encoder token, 5], got shape [3, 8]",
      in: try cross(zeros(2, 8), encoderOutput: zeros(3, 8)))
    expect("encoderOutput", "got shape [5]", in: try cross(zeros(2, 8), encoderOutput: zeros(5)))
    let apart = try attention(key: (9, 8))
    expect("values: required", "8", "9", in: try apart(zeros(2, 8), encoderOutput: zeros(3, 9)))
    expect(
      "values: expected [encoder token, 8], got shape [3, 9]",
      in: try apart(zeros(2, 8), encoderOutput: zeros(3, 9), values: zeros(3, 9)))
    expect("input: expected [token, 5], got shape [2, 8]", in: try cross(zeros(2, 8)))
    expect(
      "lengths", "4", "3 tokens", in: try own(zeros(3, 8), options: AttentionOptions(lengths: [4])))
  }

  @Test func `an error of a block names the layer or norm of another hidden size`() throws {
    func block(
      attention layer: MultiHeadAttention? = nil, attentionNorm: Int = 8,
      cross: MultiHeadAttention? = nil, upProjection: Int = 8, downProjection: Int = 8,
      feedForwardNorm: Int = 8
    ) throws -> TransformerBlock {
      try TransformerBlock(
        attention: layer ?? attention(),
        attentionNorms: .init(post: .layer(norm(attentionNorm))), crossAttention: cross,
        feedForward: FeedForward(
          upProjection: linear(upProjection, 11), activation: .gelu,
          downProjection: linear(11, downProjection)),
        feedForwardNorms: .init(sandwich: .layer(norm(feedForwardNorm))))
    }
    func transformer() throws -> Transformer { try Transformer(blocks: [block()]) }
    #expect(try transformer()(zeros(2, 8)).output.shape == [2, 8])
    expect(
      "attentionNorms.post: ", "hidden size 8", "got 9", in: try block(attentionNorm: 9))
    expect("feedForward.upProjection: ", "got 9", in: try block(upProjection: 9))
    expect("feedForward.downProjection: ", "got 9", in: try block(downProjection: 9))
    expect("feedForwardNorms.sandwich: ", "got 9", in: try block(feedForwardNorm: 9))
    expect(
      "attention.key: ", "got 5",
      in: try block(attention: attention(key: (5, 8), value: (5, 8))))
    expect("attention.output: ", "got 6", in: try block(attention: attention(output: (8, 6))))
    expect(
      "crossAttention.output: ", "got 6", in: try block(cross: attention(output: (8, 6))))
    expect("input: expected [token, 8], got shape [2, 9]", in: try transformer()(zeros(2, 9)))
    expect(
      "outputNorm: ", "hidden size 8", "got 9",
      in: try Transformer(blocks: [block()], outputNorm: .layer(norm(9))))
    expect(
      "crossAttentionCaches", "cross-attention",
      in: try Transformer(blocks: [block(cross: attention())])(zeros(2, 8)))
    var caches = try transformer().makeCaches(sequenceCount: 2)
    expect("lengths", "3 tokens", in: try transformer()(zeros(3, 8), caches: &caches))
    let cache = try KeyValueCache(keyValueHeadCount: 1, keyDimension: 1)
    expect(
      "crossAttentionCaches: expected 1", "got 2",
      in: try transformer()(zeros(2, 8), crossAttentionCaches: [cache, cache]))
    caches = []
    expect("caches: expected 1", in: try transformer()(zeros(2, 8), caches: &caches))
  }

  @Test func `errors of norms and gates name the argument`() throws {
    expect("weight", in: try RMSNorm(weight: zeros(2, 3), epsilon: 1))
    expect("epsilon", "0", in: try RMSNorm(weight: zeros(3), epsilon: 0))
    expect("epsilon", in: try RMSNorm(weight: zeros(3), epsilon: .nan))
    expect("input: expected [token, 3]", in: try RMSNorm(weight: zeros(3), epsilon: 1)(zeros(2, 4)))
    expect(
      "gateProjection.weight: expected the shape [11, 8]", "[10, 8]",
      in: try FeedForward(
        upProjection: linear(8, 11), gateProjection: linear(8, 10), activation: .silu,
        downProjection: linear(11, 8)))
    for name in ["queryNorm", "keyNorm"] {
      let norm = try RMSNorm(weight: zeros(3), epsilon: 1)
      expect(
        "\(name): ", "expected 4", "got 3",
        in: try MultiHeadAttention(
          query: linear(8, 8), key: linear(8, 8), value: linear(8, 8), output: linear(8, 8),
          headCount: 2, queryNorm: name == "queryNorm" ? norm : nil,
          keyNorm: name == "keyNorm" ? norm : nil))
    }
  }
}
