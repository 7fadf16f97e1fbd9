import Attention

/// MPNet: BERT's blocks with positions in the embeddings and T5's relative position bias, one table for all
/// blocks, and without segments.
///
/// - Source: Song et al. 2020; tensor names as in Hugging Face's `MPNetModel`.
enum MPNet {
  static let family = EncoderFamily(
    types: ["mpnet"], prefix: "mpnet", heads: .roberta, load: load)

  private static let names = PostNormBlockNames(
    query: "attention.attn.q", key: "attention.attn.k", value: "attention.attn.v",
    attentionOutput: "attention.attn.o", attentionNorm: "attention.LayerNorm")

  /// The class in `transformers` has constants for the id of the padding token, the number of buckets and the
  /// largest distance. The table may have more rows.
  private static let paddingToken = 1
  private static let bucketCount = 32
  private static let maximumDistance = 128

  /// Loads a model from a folder.
  ///
  /// - Throws: as ``EncoderModels/load(_:format:)``.
  @Sendable
  private static func load(
    _ directory: ModelDirectory, _ format: WeightFormat?
  ) throws -> TransformerEncoder {
    let config = try directory.configuration()
    var defaults = EncoderSizes()
    (defaults.vocabularySize, defaults.segmentCount) = (30_527, 0)
    let sizes = try EncoderSizes(config, types: family.types, defaults: defaults)
    let rowCount = try config.integer(
      "relative_attention_num_buckets", in: bucketCount...1_000_000, default: bucketCount)
    let loader = WeightLoader(try Checkpoint(directory), format: format).encoder(family.prefix)
    let bias = try RelativePositionBias(
      table: loader.tensor(
        "encoder.relative_attention_bias.weight", [rowCount, sizes.headCount]
      ).rows(0..<bucketCount),
      isBidirectional: true, maximumDistance: maximumDistance)
    return TransformerEncoder(
      sizes: sizes,
      input: try loader.encoderInput(sizes, paddingToken: paddingToken),
      transformer: try Transformer(
        blocks: (0..<sizes.layerCount).map {
          try loader.nested("encoder.layer.\($0)")
            .postNormBlock(names, sizes, options: AttentionOptions(modifiers: [bias]))
        }))
  }
}
