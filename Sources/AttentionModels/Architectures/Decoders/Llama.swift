import Attention

/// Llama and related models: decoders with rotary positions, RMS norms and gated feed-forward layers.
///
///     x = E[id]
///     x ← x + attention(norm(x))                       each token attends to itself and earlier ones
///     x ← x + (f(n W_gate) ∘ (n W_up)) W_down          n = norm(x)
///     logits = norm(x) Wᵀ                              W is E or a separate matrix
///
/// ``Family`` describes the differences from Llama.
///
/// - Source: Touvron et al. 2023; Jiang et al. 2023 (Mistral); Qwen Team 2024 and 2025; Gemma Team 2024.
///   Tensor names as in Hugging Face's `LlamaForCausalLM`.
public struct Llama: LanguageModel {
  /// The sizes and variants of the model.
  public let configuration: Configuration
  package let decoder: CausalDecoder

  /// The number of token ids.
  public var vocabularySize: Int { decoder.vocabularySize }
  /// nil: rotary positions have no limit, but the model was not trained for positions beyond
  /// ``Configuration/contextLength``.
  public var maxLength: Int? { decoder.maxLength }

  /// Loads a model of one of the families from a folder with `config.json`, and `model.safetensors` or the
  /// shards that `model.safetensors.index.json` lists.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: ``ModelError`` naming the file and what is missing, wrong or not supported in it;
  ///   `AttentionError.file` for a file that cannot be read or is outside the folder;
  ///   `AttentionError.memory` if the weights do not fit.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let config = try directory.configuration()
    let family = try Self.family(of: config)
    configuration = try Configuration(family.description(config), config)
    decoder = try family.load(directory, format: format)
  }

  /// The family that `model_type` names.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture.
  static func family(of config: ConfigurationReader) throws -> DecoderFamily {
    let types = DecoderModels.llama.flatMap(\.types)
    let type = try config.string("model_type")
    guard let family = DecoderModels.llama.first(where: { $0.types.contains(type) }) else {
      throw config.unsupportedArchitecture(type, supported: types)
    }
    return family
  }

  /// Llama 1, 2 and 3: the base of all families.
  ///
  /// - Source: Touvron et al. 2023.
  static let family = DecoderFamily(types: ["llama"]) { config in
    var decoder = try DecoderDescription(config, defaults: DecoderDefaults())
    try decoder.readBiases(config, hasFeedForwardKey: true)
    return decoder
  }

  /// Creates empty caches; returns the prompts unchanged.
  ///
  /// - Throws: as ``LanguageModel/begin(_:)``.
  public func begin(
    _ prompts: PackedTokens
  ) throws -> (state: DecodingState, tokens: PackedTokens) {
    try decoder.begin(prompts)
  }

  /// The logits of the next token, `[row, id]`.
  ///
  /// - Throws: as ``LanguageModel/logits(of:state:rows:)``.
  public func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    try decoder.logits(of: tokens, state: &state, rows: rows)
  }
}
