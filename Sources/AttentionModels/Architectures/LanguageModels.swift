import Attention

/// The language models that can be loaded, by the `model_type` in their `config.json`.
public enum LanguageModels {
  private typealias Registry = ModelRegistry<any LanguageModel>

  /// The decoders; `DecoderModels` lists their families.
  private static let decoders: [Registry.Family] =
    [
      .init(["gpt2"]) { try GPT2($0, format: $1) },
      .init(DecoderModels.llama.flatMap(\.types)) { try Llama($0, format: $1) },
    ]
    + DecoderModels.relatives.map { family in
      .init(family.types) { try family.load($0, format: $1) }
    }

  /// The encoder-decoders. Add new families here.
  private static let encoderDecoders: [Registry.Family] = [
    .init(["t5", "mt5", "umt5"]) { try T5($0, format: $1) },
    .init(BART.Family.allCases.map(\.rawValue)) { try BART($0, format: $1) },
  ]

  private static let registry = Registry(task: task, decoders + encoderDecoders)

  /// What the models are for, in errors.
  static let task = "text generation"

  /// The supported values of `model_type`.
  public static var architectures: [String] { registry.architectures }
  /// The supported decoders.
  static var decoderArchitectures: [String] { decoders.flatMap(\.types).sorted() }
  /// The supported encoder-decoders.
  static var encoderDecoderArchitectures: [String] { encoderDecoders.flatMap(\.types).sorted() }

  /// Loads a model from a folder with `config.json`, and `model.safetensors` or the shards that
  /// `model.safetensors.index.json` lists.
  ///
  /// ```swift
  /// let model = try LanguageModels.load(ModelDirectory(path: "gpt2"))
  /// ```
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: `ModelError.unsupported` for another architecture, with the list of supported ones, or for
  ///   a variant; ``ModelError`` naming the file and what is missing or wrong in it; `AttentionError.file`
  ///   for a file that cannot be read or is outside the folder; `AttentionError.memory`.
  public static func load(
    _ directory: ModelDirectory, format: WeightFormat? = nil
  ) throws -> any LanguageModel {
    try registry.load(directory, format: format)
  }
}
