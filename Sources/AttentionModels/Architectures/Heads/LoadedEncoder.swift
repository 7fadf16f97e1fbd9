import Attention
import AttentionCore

/// An encoder, and what its head needs to know of it.
struct LoadedEncoder {
  let configuration: ConfigurationReader
  let family: EncoderFamily
  let encoder: TransformerEncoder
  /// The prefix of the encoder's tensors.
  let prefix: String
  /// The names of the head's layers.
  let heads: HeadNames
  /// Reads the layers of the head.
  let loader: WeightLoader

  /// Loads the encoder of a checkpoint with the given head.
  ///
  /// - Throws: `ModelError.unsupported` for another head, with the head that the checkpoint has; as
  ///   ``EncoderModels/load(_:format:)``.
  init(_ directory: ModelDirectory, head: EncoderHead, format: WeightFormat?) throws {
    configuration = try directory.configuration()
    let type = try configuration.string("model_type")
    guard let family = EncoderModels.families.first(where: { $0.types.contains(type) }) else {
      throw configuration.unsupportedArchitecture(type, for: EncoderModels.task)
    }
    self.family = family
    try head.require(in: configuration)
    (encoder, loader, prefix) = try family.load(directory, configuration, format: format)
    heads = try family.heads(configuration, prefix)
  }

  var hiddenSize: Int { encoder.hiddenSize }
}
