import Attention
import AttentionCore

extension DecoderFamily {
  /// Embedding models with the blocks of this family, such as Qwen3-Embedding and EmbeddingGemma: their hidden
  /// states are those after the last norm.
  ///
  /// Tokens attend to earlier tokens, or to all tokens if the configuration says so. Checkpoints with an output
  /// layer also load; the output layer is not read. Rerankers have the head for sequence classification.
  var encoder: EncoderFamily {
    let heads = HeadNames(
      sequence: HeadLayerNames(output: "score", outputBias: .none), pooling: .last,
      token: HeadLayerNames(output: "score"))
    return EncoderFamily(
      types: types,
      // The class for question answering in transformers has another prefix.
      prefixes: [names.model, "transformer"], words: names.tokens, heads: { _, _ in heads }
    ) { config in
      let decoder = try description(config)
      return { loader in
        let tokens = try loader.tokenEmbedding(
          names.tokens, count: decoder.vocabularySize, hiddenSize: decoder.hiddenSize)
        return TransformerEncoder(
          sizes: EncoderSizes(decoder),
          input: EncoderInput(
            words: .panels(try TokenEmbedding(tokens.output, scale: decoder.embeddingScale))),
          transformer: try loader.decoderBlocks(decoder, names))
      }
    }
  }
}

extension EncoderSizes {
  /// The sizes of an encoder with the blocks of a decoder.
  fileprivate init(_ decoder: DecoderDescription) {
    self.init()
    vocabularySize = decoder.vocabularySize
    hiddenSize = decoder.hiddenSize
    layerCount = decoder.layers.count
    headCount = decoder.headCount
    intermediateSize = decoder.intermediateSize
    positionCount = decoder.contextLength
    segmentCount = 0
    activation = decoder.activation
    epsilon = decoder.epsilon
  }
}
