import Attention

/// The encoders that can be loaded, by the `model_type` in their `config.json`.
public enum EncoderModels {
  /// The families that share BERT's blocks. Add new families here.
  private static let relatives = [
    RoBERTa.family, DistilBERT.family, MPNet.family, ELECTRA.family, ALBERT.family, DeBERTa.family,
    ModernBERT.family, NomicBERT.family, GTE.family,
  ]

  /// The decoders whose blocks are also those of embedding models.
  private static let decoders = [Qwen3.family.encoder, Gemma3.family.encoder]

  static let families = [BERT.family] + relatives + decoders

  private static let registry = ModelRegistry<any EncoderModel>(
    task: task,
    [.init(BERT.family.types) { try BERT($0, format: $1) }]
      + (relatives + decoders).map { family in
        .init(family.types) { directory, format in
          try family.load(directory, directory.configuration(), format: format).encoder
        }
      })

  /// What the models are for, in errors.
  static let task = "embedding and classification"

  /// The supported values of `model_type`.
  public static var architectures: [String] { registry.architectures }

  /// Whether models of a type are encoders only. The types of embedding models with a decoder's blocks are also
  /// those of language models.
  package static func isEncoderOnly(_ type: String) -> Bool {
    architectures.contains(type) && !LanguageModels.architectures.contains(type)
  }

  /// Loads an encoder from a folder with `config.json`, and `model.safetensors` or the shards that
  /// `model.safetensors.index.json` lists.
  ///
  /// ```swift
  /// let encoder = try EncoderModels.load(ModelDirectory("sentence-transformers/all-MiniLM-L6-v2"))
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
  ) throws -> any EncoderModel {
    try registry.load(directory, format: format)
  }
}
