/// OLMo 2: Llama with norms after each layer instead of before, and RMS norms over all queries and all keys of a
/// token.
///
/// - Source: OLMo Team 2024; tensor names as in Hugging Face's `Olmo2ForCausalLM`.
enum OLMo2 {
  static let family = DecoderFamily(types: ["olmo2"]) { config in
    var decoder = try DecoderDescription(
      config, defaults: DecoderDefaults(vocabularySize: 50_304, epsilon: 1e-5))
    decoder.normPlacement = .after
    decoder.headNorms = .allHeads
    try decoder.readBiases(config)
    return decoder
  }
}
