import Attention
import AttentionCore

/// A family of encoders: how to read its configuration and its weights.
struct EncoderFamily: Sendable {
  /// Reads the weights, with a loader for the tensors of the encoder.
  typealias Reader = (WeightLoader) throws -> TransformerEncoder

  /// The values of `model_type`.
  let types: [String]
  /// The prefix of the encoder's tensors in a checkpoint with a head. Some families have been published with
  /// several.
  let prefixes: [String]
  /// The name of the word embeddings, relative to the encoder.
  let words: String
  /// The names of the family's heads, by the configuration and the prefix of the encoder.
  let heads: @Sendable (ConfigurationReader, _ prefix: String) throws -> HeadNames
  /// Reads the configuration; returns the function that reads the weights.
  private let reader: @Sendable (ConfigurationReader) throws -> Reader

  init(
    types: [String], prefixes: [String], words: String = "embeddings.word_embeddings",
    heads: @escaping @Sendable (ConfigurationReader, _ prefix: String) throws -> HeadNames,
    reader: @escaping @Sendable (ConfigurationReader) throws -> Reader
  ) {
    self.types = types
    self.prefixes = prefixes
    self.words = words
    self.heads = heads
    self.reader = reader
  }

  /// A family whose heads do not depend on the configuration.
  init(
    types: [String], prefix: String, heads: HeadNames,
    reader: @escaping @Sendable (ConfigurationReader) throws -> Reader
  ) {
    self.init(types: types, prefixes: [prefix], heads: { _, _ in heads }, reader: reader)
  }

  /// Loads the encoder of a checkpoint.
  ///
  /// - Parameter config: the configuration in the folder.
  /// - Returns: the encoder, the loader for all tensors of the checkpoint, and the prefix of the encoder.
  /// - Throws: as ``EncoderModels/load(_:format:)``.
  func load(
    _ directory: ModelDirectory, _ config: ConfigurationReader, format: WeightFormat?
  ) throws -> (encoder: TransformerEncoder, file: WeightLoader, prefix: String) {
    try config.requireArchitecture(types)
    // An invalid configuration is refused before the weights are opened.
    let read = try reader(config)
    let file = WeightLoader(try Checkpoint(directory), format: format)
    // A bare encoder has no prefix.
    let prefix = prefixes.first { file.contains("\($0).\(words).weight") }
    return (try read(prefix.map(file.nested) ?? file), file, prefix ?? prefixes[0])
  }
}
