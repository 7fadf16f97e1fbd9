import Attention

/// ALBERT: BERT's blocks, of which few have weights and the others repeat them, with embeddings of fewer
/// features than the blocks.
///
/// - Source: Lan et al. 2019; tensor names as in Hugging Face's `AlbertModel`.
enum ALBERT {
  private static let names = PostNormBlockNames(
    projections: .separate(
      query: "attention.query", key: "attention.key", value: "attention.value"),
    attentionOutput: "attention.dense", attentionNorm: "attention.LayerNorm",
    feedForward: .separate(up: "ffn", gate: nil, down: "ffn_output"),
    outputNorm: "full_layer_layer_norm")

  static let family = EncoderFamily(
    types: ["albert"], prefix: "albert", heads: .albert
  ) { config in
    var defaults = EncoderSizes()
    (defaults.vocabularySize, defaults.hiddenSize) = (30_000, 4096)
    (defaults.headCount, defaults.intermediateSize) = (64, 16_384)
    let sizes = try EncoderSizes(config, defaults: defaults, defaultActivation: "gelu_new")
    let embeddingSize = try config.integer("embedding_size", in: 1...1_000_000, default: 128)
    let groupCount = try config.integer(
      "num_hidden_groups", in: 1...sizes.layerCount, default: 1)
    // A small file must not ask for millions of blocks.
    let innerCount = try config.integer(
      "inner_group_num", in: 1...EncoderSizes.blockLimit / sizes.layerCount, default: 1)
    return { loader in
      var input = try loader.encoderInput(sizes, featureCount: embeddingSize)
      input.projection = try loader.linear(
        "encoder.embedding_hidden_mapping_in", from: embeddingSize, to: sizes.hiddenSize)
      let groups = try (0..<groupCount).map { group in
        try (0..<innerCount).map {
          try loader.nested("encoder.albert_layer_groups.\(group).albert_layers.\($0)")
            .postNormBlock(names, sizes)
        }
      }
      // The layers of the model go through the groups in equal shares, as in transformers.
      let blocks = (0..<sizes.layerCount).flatMap { groups[$0 * groupCount / sizes.layerCount] }
      return TransformerEncoder(
        sizes: sizes, input: input, transformer: try Transformer(blocks: blocks))
    }
  }
}
