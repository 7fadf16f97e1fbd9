/// GPT-NeoX and Pythia: parallel blocks with layer norms, biases, partial rotary positions, and interleaved
/// queries, keys and values.
///
/// - Source: Black et al. 2022; tensor names as in Hugging Face's `GPTNeoXForCausalLM`.
enum GPTNeoX {
  static let family = DecoderFamily(
    types: ["gpt_neox"],
    names: DecoderNames(
      model: "gpt_neox", tokens: "embed_in", outputNorm: "final_layer_norm",
      head: ["embed_out", "lm_head"], projections: .interleaved("attention.query_key_value"),
      attentionOutput: "attention.dense",
      feedForward: .separate(up: "mlp.dense_h_to_4h", gate: nil, down: "mlp.dense_4h_to_h"))
  ) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 50_432, hiddenSize: 6144, layerCount: 44, headCount: 64,
        intermediateSize: 24_576, epsilon: 1e-5, activation: "gelu"),
      keys: DecoderKeys(epsilon: "layer_norm_eps", headDimension: nil, keyValueHeadCount: nil),
      rotary: RotaryKeys(base: "rotary_emb_base", share: "rotary_pct", defaultShare: 0.25))
    decoder.norm = .layer
    decoder.isParallel = try config.optionalBoolean("use_parallel_residual") ?? true
    decoder.hasProjectionBias = try config.optionalBoolean("attention_bias") ?? true
    decoder.hasOutputBias = decoder.hasProjectionBias
    decoder.hasFeedForwardBias = true
    return decoder
  }
}
