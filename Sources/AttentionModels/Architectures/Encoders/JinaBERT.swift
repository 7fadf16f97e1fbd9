import Attention
import AttentionCore

/// JinaBERT: BERT's blocks with gated feed-forward layers, and ALiBi instead of positions in the embeddings:
/// the score decreases with the distance of two tokens, in both directions.
///
/// The files have BERT's `model_type`, and `position_embedding_type` "alibi".
///
/// - Source: Günther et al. 2023 (Jina Embeddings 2); tensor names as in the published `JinaBertModel`.
enum JinaBERT {
  private static let plain = PostNormBlockNames.bert

  private static let gated = {
    var names = PostNormBlockNames.bert
    names.feedForward = .gateAboveUp("mlp.gated_layers", down: "mlp.wo")
    (names.outputNorm, names.upBias) = ("mlp.layernorm", .none)
    return names
  }()

  /// The activation of the gate, by `feed_forward_type`; nil for a layer without a gate.
  private static let feedForwards: [String: Activation?] = [
    "original": nil, "geglu": .gelu, "reglu": .relu,
  ]

  static let reader: @Sendable (ConfigurationReader) throws -> EncoderFamily.Reader = { config in
    var sizes = try EncoderSizes(config, positionTypes: ["alibi"])
    let type = try config.optionalString("feed_forward_type") ?? "original"
    guard let gateActivation = feedForwards[type] else {
      throw ModelError.unsupported(
        path: config.path, what: "feed_forward_type \(printable(type))",
        supported: feedForwards.keys.sorted())
    }
    if let gateActivation { sizes.activation = gateActivation }
    let options = PostNormBlockOptions(
      attention: AttentionOptions(modifiers: [try LinearBias(headCount: sizes.headCount)]))
    return { [sizes] loader in
      try loader.postNormEncoder(
        sizes, input: loader.encoderInput(sizes, hasPositions: false),
        names: gateActivation == nil ? plain : gated, options: options)
    }
  }
}
