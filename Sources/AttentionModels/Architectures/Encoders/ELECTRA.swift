import Attention

/// ELECTRA: BERT's blocks, with embeddings that may have fewer features than the blocks.
///
/// - Source: Clark et al. 2020; tensor names as in Hugging Face's `ElectraModel`.
enum ELECTRA {
  static let family = EncoderFamily(
    types: ["electra"], prefix: "electra", heads: .electra
  ) { config in
    var defaults = EncoderSizes()
    (defaults.hiddenSize, defaults.headCount, defaults.intermediateSize) = (256, 4, 1024)
    let sizes = try EncoderSizes(config, defaults: defaults)
    let embeddingSize = try config.integer("embedding_size", in: 1...1_000_000, default: 128)
    return { loader in
      var input = try loader.encoderInput(sizes, featureCount: embeddingSize)
      if embeddingSize != sizes.hiddenSize {
        input.projection = try loader.linear(
          "embeddings_project", from: embeddingSize, to: sizes.hiddenSize)
      }
      return try loader.postNormEncoder(sizes, input: input)
    }
  }
}
