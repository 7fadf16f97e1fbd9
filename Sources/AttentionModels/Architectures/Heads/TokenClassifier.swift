import Attention
import AttentionCore

/// An encoder with a head that scores each label for each token, such as the kinds of names in a text.
///
///     y = W h + b
///
/// ModernBERT's head has a dense layer, an activation function and a norm before W.
///
/// - Source: tensor names as in the family's `…ForTokenClassification`.
public struct TokenClassifier: Sendable {
  /// The encoder.
  public let encoder: any EncoderModel
  /// The labels, from `id2label`.
  public let labels: [String]
  private let layers: HeadLayers

  /// Loads a checkpoint of a family in ``EncoderModels`` with a head for token classification.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``SequenceClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let loaded = try LoadedEncoder(directory, head: .tokenClassification, format: format)
    labels = try loaded.configuration.labels()
    encoder = loaded.encoder
    layers = try HeadLayers(loaded.heads.token, loaded, outputCount: labels.count)
  }

  /// The scores of the labels for each token.
  ///
  /// - Returns: logits, `[token, label]`.
  /// - Throws: as the encoder.
  public func callAsFunction(_ tokens: PackedTokens) throws -> Tensor {
    try layers(encoder(tokens).hiddenStates)
  }
}
