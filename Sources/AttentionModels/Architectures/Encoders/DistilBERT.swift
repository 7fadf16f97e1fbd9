import Attention

/// DistilBERT: BERT with half of the blocks, and without segments.
///
/// - Source: Sanh et al. 2019; tensor names as in Hugging Face's `DistilBertModel`.
enum DistilBERT {
  static let family = EncoderFamily(
    types: ["distilbert"], prefix: "distilbert", heads: .distilbert, load: load)

  private static let keys = EncoderSizes.Keys(
    hiddenSize: "dim", layerCount: "n_layers", headCount: "n_heads", intermediateSize: "hidden_dim",
    activation: "activation")

  private static let names = PostNormBlockNames(
    query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin",
    attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm", upProjection: "ffn.lin1",
    downProjection: "ffn.lin2", outputNorm: "output_layer_norm")

  /// Loads a model from a folder.
  ///
  /// - Throws: as ``EncoderModels/load(_:format:)``.
  @Sendable
  private static func load(
    _ directory: ModelDirectory, _ format: WeightFormat?
  ) throws -> TransformerEncoder {
    var defaults = EncoderSizes()
    (defaults.layerCount, defaults.segmentCount) = (6, 0)
    var sizes = try EncoderSizes(
      directory.configuration(), types: family.types, defaults: defaults, keys: keys)
    sizes.epsilon = defaults.epsilon  // The class in transformers does not read ε.
    let loader = WeightLoader(try Checkpoint(directory), format: format).encoder(family.prefix)
    return TransformerEncoder(
      sizes: sizes,
      input: try loader.encoderInput(sizes),
      transformer: try Transformer(
        blocks: (0..<sizes.layerCount).map {
          try loader.nested("transformer.layer.\($0)").postNormBlock(names, sizes)
        }))
  }
}
