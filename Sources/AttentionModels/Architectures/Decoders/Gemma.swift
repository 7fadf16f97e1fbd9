import Attention

/// Gemma 1: Llama with embeddings times √hiddenSize, gated GELU layers, and norms that are stored as weight − 1.
///
/// - Source: Gemma Team 2024a; tensor names as in Hugging Face's `GemmaForCausalLM`.
enum Gemma {
  static let family = DecoderFamily(types: ["gemma"]) { config in
    var decoder = try DecoderDescription(
      config,
      defaults: DecoderDefaults(
        vocabularySize: 256_000, hiddenSize: 3072, layerCount: 28, headCount: 16,
        keyValueHeadCount: 16, headDimension: 256, intermediateSize: 24_576, contextLength: 8192,
        isTied: true, activation: "gelu_pytorch_tanh"))
    // The first published files say "gelu" and mean the approximation.
    if decoder.activation == .gelu { decoder.activation = .geluTanh }
    try decoder.readGemma(config)
    return decoder
  }
}

extension DecoderDescription {
  /// Sets what all generations of Gemma share.
  mutating func readGemma(_ config: ConfigurationReader) throws {
    norm = .rms(weightOffset: 1)
    embeddingScale = Float(hiddenSize).squareRoot()
    isBidirectional = try config.optionalBoolean("use_bidirectional_attention") ?? false
    try readBiases(config)
  }

  /// Reads the scale of the scores of Gemma 2 and 3.
  mutating func readScoreScale(_ config: ConfigurationReader) throws {
    scoreScale = try Float(
      1 / (config.optionalNumber("query_pre_attn_scalar", in: 1e-6...1e9) ?? 256).squareRoot())
  }
}

extension ConfigurationReader {
  /// A softcap: nil for `null`, the default for a missing key.
  func softcap(_ key: String, default: Double?) throws -> Float? {
    try number(key, in: 1e-6...1e9, orNullUnlessAbsent: `default`).map { Float($0) }
  }
}
