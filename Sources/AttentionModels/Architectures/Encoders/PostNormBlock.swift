import Attention

/// The tensor names of a post-norm block, relative to the block.
struct PostNormBlockNames: Sendable {
  var query = "attention.self.query"
  var key = "attention.self.key"
  var value = "attention.self.value"
  var attentionOutput = "attention.output.dense"
  var attentionNorm = "attention.output.LayerNorm"
  var upProjection = "intermediate.dense"
  var downProjection = "output.dense"
  var outputNorm = "output.LayerNorm"

  /// The names of BERT, RoBERTa and ELECTRA.
  static let bert = PostNormBlockNames()
}

extension WeightLoader {
  /// Reads a block of BERT and its relatives: attention and a feed-forward layer, each followed by a residual
  /// connection and a norm.
  func postNormBlock(
    _ names: PostNormBlockNames, _ sizes: EncoderSizes,
    options: AttentionOptions = AttentionOptions()
  ) throws -> TransformerBlock {
    let (hiddenSize, intermediateSize) = (sizes.hiddenSize, sizes.intermediateSize)
    func square(_ name: String) throws -> Linear {
      try linear(name, from: hiddenSize, to: hiddenSize)
    }
    func norm(_ name: String) throws -> TransformerBlock.Norms {
      .init(
        post: .layer(try layerNorm(name, featureCount: hiddenSize, epsilon: sizes.epsilon)))
    }
    return try TransformerBlock(
      attention: MultiHeadAttention(
        query: square(names.query), key: square(names.key), value: square(names.value),
        output: square(names.attentionOutput), headCount: sizes.headCount),
      attentionNorms: norm(names.attentionNorm), options: options,
      feedForward: FeedForward(
        upProjection: linear(names.upProjection, from: hiddenSize, to: intermediateSize),
        activation: sizes.activation,
        downProjection: linear(names.downProjection, from: intermediateSize, to: hiddenSize)),
      feedForwardNorms: norm(names.outputNorm))
  }
}
