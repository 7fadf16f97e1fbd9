import Attention

/// Layers with random weights of sizes that keep the variance.
extension CaseGenerator {
  mutating func linear(from inputs: Int, to outputs: Int, bias: Bool = true) throws -> Linear {
    try Linear(
      weight: normal([outputs, inputs], deviation: 1 / Float(inputs).squareRoot()),
      bias: bias ? normal([outputs]) : nil)
  }

  mutating func rmsNorm(_ features: Int) throws -> RMSNorm {
    try RMSNorm(weight: normal([features]), epsilon: 1e-6)
  }

  mutating func norm(_ features: Int) throws -> Norm {
    oneIn(2)
      ? .rms(try rmsNorm(features))
      : .layer(
        try LayerNorm(weight: normal([features]), bias: normal([features]), epsilon: 1e-5))
  }

  mutating func rotary(headDimension: Int) throws -> RotaryEmbedding {
    try RotaryEmbedding(
      headDimension: headDimension, rotaryDimension: pick([headDimension, headDimension / 2]),
      layout: pick(RotaryEmbedding.Layout.allCases),
      scaling: pick([.none, .linear(factor: 2), .llama3(Llama3Scaling())]))
  }

  /// A random attention layer with the given number of input features.
  ///
  /// - Parameter encoderSize: the number of features of the encoder output; nil for self-attention.
  mutating func attention(
    hidden: Int, heads: Int, headDimension: Int, encoderSize: Int? = nil
  ) throws -> MultiHeadAttention {
    let groups = heads.isMultiple(of: 2) && oneIn(2) ? heads / 2 : heads
    let keyed = groups * headDimension
    let isNormed = oneIn(3)
    return try MultiHeadAttention(
      query: linear(from: hidden, to: heads * headDimension),
      key: linear(from: encoderSize ?? hidden, to: keyed),
      value: linear(from: encoderSize ?? hidden, to: keyed),
      output: linear(from: heads * headDimension, to: hidden), headCount: heads,
      keyValueHeadCount: groups, queryNorm: isNormed ? rmsNorm(headDimension) : nil,
      keyNorm: isNormed ? rmsNorm(headDimension) : nil,
      rotary: oneIn(2) ? rotary(headDimension: headDimension) : nil)
  }

  mutating func feedForward(hidden: Int) throws -> FeedForward {
    let inner = size(8...300)
    return try FeedForward(
      upProjection: linear(from: hidden, to: inner),
      gateProjection: oneIn(2) ? linear(from: hidden, to: inner) : nil,
      activation: pick(Activation.all), downProjection: linear(from: inner, to: hidden))
  }

  mutating func block(
    hidden: Int, heads: Int, headDimension: Int, mask: AttentionMask, encoderSize: Int? = nil
  ) throws -> TransformerBlock {
    func norms(_ kind: Int) throws -> TransformerBlock.Norms {
      switch kind {
      case 0: .init(pre: try norm(hidden))
      case 1: .init(post: try norm(hidden))
      default: .init(pre: try norm(hidden), sandwich: try norm(hidden))
      }
    }
    let kind = index(below: 3)
    return try TransformerBlock(
      attention: attention(hidden: hidden, heads: heads, headDimension: headDimension),
      attentionNorms: norms(kind), options: AttentionOptions(mask: mask),
      crossAttention: encoderSize.map {
        try attention(
          hidden: hidden, heads: heads, headDimension: headDimension, encoderSize: $0)
      }, crossNorms: norms(kind), feedForward: feedForward(hidden: hidden),
      feedForwardNorms: norms(kind))
  }
}
