/// Mistral: Llama with a sliding window in every block, and without biases.
///
/// - Source: Jiang et al. 2023; tensor names as in Hugging Face's `MistralForCausalLM`.
enum Mistral {
  static let family = DecoderFamily(types: ["mistral"]) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        keyValueHeadCount: 8, intermediateSize: 14_336, contextLength: 131_072))
    // The class does not read `layer_types`.
    decoder.setWindows(try config.slidingWindow(default: 4096))
    return decoder
  }
}
