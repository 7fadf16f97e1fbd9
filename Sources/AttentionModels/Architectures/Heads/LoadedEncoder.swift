import Attention
import AttentionCore

/// An encoder and what its head needs to know of it.
struct LoadedEncoder {
  let configuration: ConfigurationReader
  let encoder: TransformerEncoder
  let family: EncoderFamily
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
      throw configuration.unsupportedArchitecture(type, supported: EncoderModels.architectures)
    }
    try head.require(in: configuration)
    encoder = try family.load(directory, format)
    self.family = family
    loader = WeightLoader(try Checkpoint(directory), format: format)
  }

  var hiddenSize: Int { encoder.hiddenSize }
}

/// The encoders of a family and the names of their heads.
struct EncoderFamily: Sendable {
  /// The values of `model_type`.
  let types: [String]
  /// The prefix of the encoder's tensors in a checkpoint with a head.
  let prefix: String
  let heads: HeadNames
  let load: @Sendable (ModelDirectory, WeightFormat?) throws -> TransformerEncoder
}
