import Attention

extension WeightLoader {
  /// Reads word, position and segment embeddings, and their norm, from `embeddings`.
  ///
  /// - Parameters:
  ///   - featureCount: the number of features of an embedding, if it is not the hidden size.
  ///   - hasPositions: whether there is a table of positions.
  ///   - paddingToken: as in `EncoderInput`.
  ///   - norm: the name of the norm; nil for none.
  func encoderInput(
    _ sizes: EncoderSizes, featureCount: Int? = nil, hasPositions: Bool = true,
    paddingToken: Int? = nil, norm: String? = "embeddings.LayerNorm"
  ) throws -> EncoderInput {
    let embeddings = nested("embeddings")
    let featureCount = featureCount ?? sizes.hiddenSize
    return EncoderInput(
      words: try embeddings.wordTable(
        "word_embeddings", count: sizes.vocabularySize, hiddenSize: featureCount),
      positions: hasPositions
        ? try embeddings.embedding(
          "position_embeddings", count: sizes.positionCount, hiddenSize: featureCount) : nil,
      paddingToken: paddingToken,
      segments: sizes.segmentCount == 0
        ? nil
        : try embeddings.embedding(
          "token_type_embeddings", count: sizes.segmentCount, hiddenSize: featureCount),
      norm: try norm.map {
        try layerNorm($0, featureCount: featureCount, epsilon: sizes.epsilon)
      })
  }

  /// Reads the attention of a block.
  ///
  /// - Parameters:
  ///   - output: the name of the output projection.
  ///   - bias: whether all projections have a bias.
  ///   - rotary: the rotary embedding of queries and keys.
  ///   - positions: relative positions as additional keys and queries.
  func selfAttention(
    _ names: AttentionProjectionNames, output: String, _ sizes: EncoderSizes, bias: Bias,
    rotary: RotaryEmbedding? = nil, positions: DisentangledPositions? = nil
  ) throws -> MultiHeadAttention {
    let (query, key, value) = try attentionProjections(
      names, hiddenSize: sizes.hiddenSize, heads: (sizes.headCount, sizes.headCount),
      headDimension: sizes.headDimension, bias: bias)
    return try MultiHeadAttention(
      query: query, key: key, value: value,
      output: linear(output, from: sizes.hiddenSize, to: sizes.hiddenSize, bias: bias),
      headCount: sizes.headCount, rotary: rotary, disentangledPositions: positions)
  }

  /// Reads the blocks of an encoder, each with its own weights.
  ///
  /// - Parameters:
  ///   - blocks: the prefix of the blocks, before the index.
  ///   - names: the names of a block's tensors.
  ///   - options: what every block has beyond BERT's.
  func postNormEncoder(
    _ sizes: EncoderSizes, input: EncoderInput, blocks: String = "encoder.layer",
    names: PostNormBlockNames = .bert, options: PostNormBlockOptions = PostNormBlockOptions()
  ) throws -> TransformerEncoder {
    TransformerEncoder(
      sizes: sizes, input: input,
      transformer: try Transformer(
        blocks: (0..<sizes.layerCount).map {
          try nested("\(blocks).\($0)").postNormBlock(names, sizes, options: options)
        }))
  }
}
