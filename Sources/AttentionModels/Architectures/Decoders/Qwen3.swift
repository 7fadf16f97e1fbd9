/// Qwen 3: Llama with an RMS norm over the queries and keys of each head, and windows as in Qwen 2.
///
/// - Source: Qwen Team 2025; tensor names as in Hugging Face's `Qwen3ForCausalLM`.
enum Qwen3 {
  static let family = DecoderFamily(types: ["qwen3"], reader: description)

  static func description(_ config: ConfigurationReader) throws -> DecoderDescription {
    var defaults = Qwen2.defaults
    defaults.headDimension = 128
    var decoder = try DecoderDescription(config, defaults: defaults)
    decoder.headNorms = .perHead
    try decoder.readBiases(config)
    try Qwen2.setWindows(of: &decoder, config)
    return decoder
  }
}
