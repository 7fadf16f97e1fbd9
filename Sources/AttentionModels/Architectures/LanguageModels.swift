import Attention

/// The language models that can be loaded, by the `model_type` of their `config.json`.
public enum LanguageModels {
  private typealias Load = @Sendable (ModelDirectory, WeightFormat?) throws -> any LanguageModel

  /// How each architecture is loaded. A new one is added here.
  private static let loaders: [String: Load] = {
    var loaders: [String: Load] = [
      "gpt2": { try GPT2($0, format: $1) },
      "t5": { try T5($0, format: $1) },
      "mt5": { try T5($0, format: $1) },
      "bart": { try BART($0, format: $1) },
    ]
    for family in Llama.Family.allCases {
      loaders[family.rawValue] = { try Llama($0, format: $1) }
    }
    return loaders
  }()

  /// The values of `model_type` that are supported.
  public static var architectures: [String] { loaders.keys.sorted() }

  /// Loads a model from its folder: `config.json`, and `model.safetensors` or the shards that
  /// `model.safetensors.index.json` names.
  ///
  /// ```swift
  /// let model = try LanguageModels.load(ModelDirectory(path: "gpt2"))
  /// ```
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: how matrices are kept in memory; nil means as in the file.
  /// - Throws: `ModelError.unsupported` for another architecture, with the list of these, or for a
  ///   variant; ``ModelError`` naming the file and what is missing or wrong in it; `AttentionError.file`
  ///   for a file that cannot be read or leads out of the folder; `AttentionError.memory`.
  public static func load(
    _ directory: ModelDirectory, format: WeightFormat? = nil
  ) throws -> any LanguageModel {
    let config = try directory.configuration()
    let type = try config.string("model_type")
    guard let load = loaders[type] else {
      throw ModelError.unsupported(
        path: config.path, what: "architecture \(printable(type))", supported: architectures)
    }
    return try load(directory, format)
  }
}
