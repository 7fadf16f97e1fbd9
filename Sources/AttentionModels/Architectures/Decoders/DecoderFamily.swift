import Attention
import AttentionCore

/// A family of decoders: how to read its configuration, and the names of its tensors.
struct DecoderFamily: Sendable {
  /// The values of `model_type`.
  let types: [String]
  let names: DecoderNames
  private let reader: @Sendable (ConfigurationReader) throws -> DecoderDescription

  init(
    types: [String], names: DecoderNames = DecoderNames(),
    reader: @escaping @Sendable (ConfigurationReader) throws -> DecoderDescription
  ) {
    self.types = types
    self.names = names
    self.reader = reader
  }

  /// The description of a decoder; the defaults of the family's configuration class for missing keys.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant, `ModelError.configuration` for
  ///   an invalid value.
  func description(_ config: ConfigurationReader) throws -> DecoderDescription {
    try config.requireArchitecture(types)
    return try reader(config)
  }

  /// Loads the decoder of a checkpoint.
  ///
  /// - Throws: as ``LanguageModels/load(_:format:)``.
  func load(_ directory: ModelDirectory, format: WeightFormat?) throws -> CausalDecoder {
    let config = try directory.configuration()
    let decoder = try description(config)
    guard !decoder.isBidirectional else {
      throw ModelError.unsupported(
        path: config.path, what: "use_bidirectional_attention: true", supported: ["false"])
    }
    return try WeightLoader(Checkpoint(directory), format: format).decoder(decoder, names)
  }
}

/// The families of decoders. Add new families here.
enum DecoderModels {
  /// The families that ``Llama`` loads.
  static let llama = [Llama.family, Mistral.family, Qwen2.family, Qwen3.family, Gemma2.family]
  /// The other families.
  static let relatives: [DecoderFamily] = [
    Gemma.family, Gemma3.family, Phi3.family, SmolLM3.family, OLMo2.family, Granite.family,
    GPTNeoX.family, Mixtral.family, Qwen2MoE.family, Qwen3MoE.family,
  ]
}
