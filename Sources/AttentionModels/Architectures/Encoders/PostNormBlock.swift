import Attention

/// The tensor names of a post-norm block, relative to the block, and which of its layers have a bias.
struct PostNormBlockNames: Sendable {
  var projections = AttentionProjectionNames.separate(
    query: "attention.self.query", key: "attention.self.key", value: "attention.self.value")
  var attentionOutput = "attention.output.dense"
  var attentionNorm = "attention.output.LayerNorm"
  var feedForward = FeedForwardNames.separate(
    up: "intermediate.dense", gate: nil, down: "output.dense")
  var outputNorm = "output.LayerNorm"
  var attentionBias = WeightLoader.Bias.required
  var upBias = WeightLoader.Bias.required
  var downBias = WeightLoader.Bias.required

  /// The names of BERT, RoBERTa and ELECTRA.
  static let bert = PostNormBlockNames()
}

/// What a post-norm block has beyond BERT's.
struct PostNormBlockOptions: Sendable {
  /// Rotary embedding of queries and keys.
  var rotary: RotaryEmbedding?
  /// Scale and score modifiers.
  var attention = AttentionOptions()
}

extension WeightLoader {
  /// Reads a block of BERT and its relatives: attention and a feed-forward layer, each followed by a residual
  /// connection and a norm.
  ///
  /// - Parameters:
  ///   - positions: relative positions as additional keys and queries.
  ///   - convolution: a convolution beside the block.
  func postNormBlock(
    _ names: PostNormBlockNames, _ sizes: EncoderSizes,
    options: PostNormBlockOptions = PostNormBlockOptions(), positions: DisentangledPositions? = nil,
    convolution: TokenConvolution? = nil
  ) throws -> TransformerBlock {
    func norm(_ name: String) throws -> TransformerBlock.Norms {
      .init(
        post: .layer(try layerNorm(name, featureCount: sizes.hiddenSize, epsilon: sizes.epsilon)))
    }
    return try TransformerBlock(
      attention: selfAttention(
        names.projections, output: names.attentionOutput, sizes, bias: names.attentionBias,
        rotary: options.rotary, positions: positions),
      attentionNorms: norm(names.attentionNorm), options: options.attention,
      feedForward: feedForward(
        names.feedForward, hiddenSize: sizes.hiddenSize, intermediateSize: sizes.intermediateSize,
        activation: sizes.activation, upBias: names.upBias, downBias: names.downBias),
      feedForwardNorms: norm(names.outputNorm), convolution: convolution)
  }
}
