/// Mixtral: Mistral with a mixture of experts in every block.
///
/// - Source: Jiang et al. 2024; tensor names as in Hugging Face's `MixtralForCausalLM`.
enum Mixtral {
  private static let projections = FeedForwardNames.separate(up: "w3", gate: "w1", down: "w2")

  static let family = DecoderFamily(
    types: ["mixtral"],
    names: DecoderNames(
      experts: [
        DecoderNames.Experts(mixture: "block_sparse_moe", projections: projections),
        DecoderNames.Experts(projections: projections),
      ])
  ) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        keyValueHeadCount: 8, intermediateSize: 14_336, contextLength: 131_072, epsilon: 1e-5),
      rotary: RotaryKeys(defaultBase: 1_000_000))
    decoder.setWindows(try config.slidingWindow(default: nil))
    for index in decoder.layers.indices { decoder.layers[index].hasExperts = true }
    let countKey = config.object["num_local_experts"] == nil ? "num_experts" : "num_local_experts"
    try decoder.setExperts(
      ExpertSizes(
        count: config.integer(countKey, in: 1...100_000, default: 8),
        activeCount: config.integer("num_experts_per_tok", in: 1...100_000, default: 2),
        intermediateSize: decoder.intermediateSize, normalizesWeights: true),
      config)
    return decoder
  }
}
