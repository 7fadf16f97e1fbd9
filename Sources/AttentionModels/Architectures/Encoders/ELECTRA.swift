import Attention

/// ELECTRA: BERT's blocks, with embeddings that may have fewer features than the blocks.
///
/// - Source: Clark et al. 2020; tensor names as in Hugging Face's `ElectraModel`.
enum ELECTRA {
  static let family = EncoderFamily(
    types: ["electra"], prefix: "electra", heads: .electra, load: load)

  /// Loads a model from a folder.
  ///
  /// - Throws: as ``EncoderModels/load(_:format:)``.
  @Sendable
  private static func load(
    _ directory: ModelDirectory, _ format: WeightFormat?
  ) throws -> TransformerEncoder {
    let config = try directory.configuration()
    var defaults = EncoderSizes()
    (defaults.hiddenSize, defaults.headCount, defaults.intermediateSize) = (256, 4, 1024)
    let sizes = try EncoderSizes(config, types: family.types, defaults: defaults)
    let embeddingSize = try config.integer("embedding_size", in: 1...1_000_000, default: 128)
    let loader = WeightLoader(try Checkpoint(directory), format: format).encoder(family.prefix)
    var input = try loader.encoderInput(sizes, featureCount: embeddingSize)
    if embeddingSize != sizes.hiddenSize {
      input.projection = try loader.linear(
        "embeddings_project", from: embeddingSize, to: sizes.hiddenSize)
    }
    return TransformerEncoder(
      sizes: sizes,
      input: input,
      transformer: try Transformer(
        blocks: (0..<sizes.layerCount).map {
          try loader.nested("encoder.layer.\($0)").postNormBlock(.bert, sizes)
        }))
  }
}
