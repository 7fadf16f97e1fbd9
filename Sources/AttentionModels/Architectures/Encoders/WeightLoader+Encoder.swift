import Attention

extension WeightLoader {
  /// The loader of a family's encoder. The names of its tensors begin with `prefix` if the file also has the
  /// head of a task.
  func encoder(_ prefix: String) -> WeightLoader {
    contains("\(prefix).embeddings.word_embeddings.weight") ? nested(prefix) : self
  }

  /// Reads word, position and segment embeddings, and their norm, from `embeddings`.
  ///
  /// - Parameters:
  ///   - featureCount: the number of features of an embedding, if it is not the hidden size.
  ///   - paddingToken: as in `EncoderInput`.
  func encoderInput(
    _ sizes: EncoderSizes, featureCount: Int? = nil, paddingToken: Int? = nil
  ) throws -> EncoderInput {
    let embeddings = nested("embeddings")
    let featureCount = featureCount ?? sizes.hiddenSize
    return EncoderInput(
      words: try embeddings.wordTable(
        "word_embeddings", count: sizes.vocabularySize, hiddenSize: featureCount),
      positions: try embeddings.embedding(
        "position_embeddings", count: sizes.positionCount, hiddenSize: featureCount),
      paddingToken: paddingToken,
      segments: sizes.segmentCount == 0
        ? nil
        : try embeddings.embedding(
          "token_type_embeddings", count: sizes.segmentCount, hiddenSize: featureCount),
      norm: try embeddings.layerNorm(
        "LayerNorm", featureCount: featureCount, epsilon: sizes.epsilon))
  }

  /// Reads the blocks of an encoder, each with its own weights.
  ///
  /// - Parameters:
  ///   - blocks: the prefix of the blocks, before the index.
  ///   - names: the names of a block's tensors.
  ///   - options: the score modifiers of every block.
  func postNormEncoder(
    _ sizes: EncoderSizes, input: EncoderInput, blocks: String = "encoder.layer",
    names: PostNormBlockNames = .bert, options: AttentionOptions = AttentionOptions()
  ) throws -> TransformerEncoder {
    TransformerEncoder(
      sizes: sizes, input: input,
      transformer: try Transformer(
        blocks: (0..<sizes.layerCount).map {
          try nested("\(blocks).\($0)").postNormBlock(names, sizes, options: options)
        }))
  }
}
