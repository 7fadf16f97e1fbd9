/// Granite 3: Llama with factors of embeddings, scores, layer outputs and logits.
///
/// - Source: Granite Team 2024; tensor names as in Hugging Face's `GraniteForCausalLM`.
enum Granite {
  static let family = DecoderFamily(types: ["granite"]) { config in
    var decoder = try DecoderDescription(config, defaults: DecoderDefaults())
    try decoder.readBiases(config, hasFeedForwardKey: true)
    func factor(_ key: String) throws -> Double {
      try config.optionalNumber(key, in: -1e9...1e9) ?? 1
    }
    decoder.embeddingScale = Float(try factor("embedding_multiplier"))
    decoder.residualScale = Float(try factor("residual_multiplier"))
    decoder.scoreScale = Float(try factor("attention_multiplier"))
    decoder.logitScale = Float(
      1 / (try config.optionalNumber("logits_scaling", in: 1e-9...1e9) ?? 1))
    return decoder
  }
}
