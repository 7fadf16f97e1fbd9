/// Phi-3, Phi-3.5 and Phi-4: Llama with joined projections, partial rotary positions, and LongRoPE.
///
/// - Source: Abdin et al. 2024; tensor names as in Hugging Face's `Phi3ForCausalLM`.
enum Phi3 {
  static let family = DecoderFamily(
    types: ["phi3"],
    names: DecoderNames(
      projections: .joined("self_attn.qkv_proj"),
      feedForward: .gateAboveUp("mlp.gate_up_proj", down: "mlp.down_proj"))
  ) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 32_064, hiddenSize: 3072, intermediateSize: 8192, contextLength: 4096,
        epsilon: 1e-5),
      rotary: RotaryKeys(
        share: "partial_rotary_factor", defaultOriginalLength: 4096,
        // The names in the first published files.
        otherNames: ["su": "longrope", "yarn": "longrope"]))
    decoder.setWindows(try config.slidingWindow(default: nil))
    return decoder
  }
}
