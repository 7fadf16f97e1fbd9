import Attention
import AttentionCore

/// A family of encoders: how to read its configuration and its weights.
struct EncoderFamily: Sendable {
  /// Reads the weights, with a loader for the tensors of the encoder.
  typealias Reader = (WeightLoader) throws -> TransformerEncoder

  /// The values of `model_type`.
  let types: [String]
  /// The prefix of the encoder's tensors in a checkpoint with a head.
  let prefix: String
  /// The names of the family's heads.
  let heads: HeadNames
  /// Reads the configuration; returns the function that reads the weights.
  private let reader: @Sendable (ConfigurationReader) throws -> Reader

  init(
    types: [String], prefix: String, heads: HeadNames,
    reader: @escaping @Sendable (ConfigurationReader) throws -> Reader
  ) {
    self.types = types
    self.prefix = prefix
    self.heads = heads
    self.reader = reader
  }

  /// Loads the encoder of a checkpoint.
  ///
  /// - Parameter config: the configuration in the folder.
  /// - Returns: the encoder, and the loader for all tensors of the checkpoint.
  /// - Throws: as ``EncoderModels/load(_:format:)``.
  func load(
    _ directory: ModelDirectory, _ config: ConfigurationReader, format: WeightFormat?
  ) throws -> (encoder: TransformerEncoder, file: WeightLoader) {
    try config.requireArchitecture(types)
    // An invalid configuration is refused before the weights are opened.
    let read = try reader(config)
    let file = WeightLoader(try Checkpoint(directory), format: format)
    return (try read(file.encoder(prefix)), file)
  }
}
