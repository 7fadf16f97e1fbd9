import Attention

/// DistilBERT: BERT with half of the blocks, and without segments.
///
/// - Source: Sanh et al. 2019; tensor names as in Hugging Face's `DistilBertModel`.
enum DistilBERT {
  private static let keys = EncoderSizes.Keys(
    hiddenSize: "dim", layerCount: "n_layers", headCount: "n_heads", intermediateSize: "hidden_dim",
    activation: "activation", segmentCount: nil)

  private static let names = PostNormBlockNames(
    projections: .separate(
      query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin"),
    attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm",
    feedForward: .separate(up: "ffn.lin1", gate: nil, down: "ffn.lin2"),
    outputNorm: "output_layer_norm")

  static let family = EncoderFamily(
    types: ["distilbert"], prefix: "distilbert", heads: .distilbert
  ) { config in
    var defaults = EncoderSizes()
    defaults.layerCount = 6
    var sizes = try EncoderSizes(config, defaults: defaults, keys: keys)
    // The class in transformers does not read ε.
    sizes.epsilon = defaults.epsilon
    return { [sizes] loader in
      try loader.postNormEncoder(
        sizes, input: loader.encoderInput(sizes), blocks: "transformer.layer", names: names)
    }
  }
}
