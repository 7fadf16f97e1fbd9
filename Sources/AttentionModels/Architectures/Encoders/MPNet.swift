import Attention

/// MPNet: BERT's blocks with positions in the embeddings and T5's relative position bias, one table for all
/// blocks, and without segments.
///
/// - Source: Song et al. 2020; tensor names as in Hugging Face's `MPNetModel`.
enum MPNet {
  private static let names = PostNormBlockNames(
    projections: .separate(
      query: "attention.attn.q", key: "attention.attn.k", value: "attention.attn.v"),
    attentionOutput: "attention.attn.o", attentionNorm: "attention.LayerNorm")

  /// The class in `transformers` has constants for the id of the padding token, the number of buckets and the
  /// largest distance. The table may have more rows.
  private static let paddingToken = 1
  private static let bucketCount = 32
  private static let maximumDistance = 128

  static let family = EncoderFamily(
    types: ["mpnet"], prefix: "mpnet", heads: .roberta
  ) { config in
    var defaults = EncoderSizes()
    defaults.vocabularySize = 30_527
    let sizes = try EncoderSizes(config, defaults: defaults, keys: .init(segmentCount: nil))
    let rowCount = try config.integer(
      "relative_attention_num_buckets", in: bucketCount...1_000_000, default: bucketCount)
    return { loader in
      let table = try loader.tensor(
        "encoder.relative_attention_bias.weight", [rowCount, sizes.headCount])
      let bias = try RelativePositionBias(
        table: table.rows(0..<bucketCount), isBidirectional: true, maximumDistance: maximumDistance)
      return try loader.postNormEncoder(
        sizes, input: loader.encoderInput(sizes, paddingToken: paddingToken), names: names,
        options: PostNormBlockOptions(attention: AttentionOptions(modifiers: [bias])))
    }
  }
}
