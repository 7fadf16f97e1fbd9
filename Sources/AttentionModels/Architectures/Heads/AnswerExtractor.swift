import Attention
import AttentionCore

/// An encoder with a head that scores each token of a context as the start and as the end of the answer to a
/// question.
///
///     y = W h + b
///
/// ModernBERT's head has a dense layer, an activation function and a norm before W.
///
/// - Source: Devlin et al. 2018, section 4.2; tensor names as in the family's `…ForQuestionAnswering`.
public struct AnswerExtractor: Sendable {
  /// The encoder.
  public let encoder: any EncoderModel
  private let layers: HeadLayers

  /// Loads a checkpoint of a family in ``EncoderModels`` with a head for question answering.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``SequenceClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let loaded = try LoadedEncoder(directory, head: .questionAnswering, format: format)
    encoder = loaded.encoder
    layers = try HeadLayers(loaded.heads.answer, loaded, outputCount: 2)
  }

  /// The scores of each token as the start and as the end of the answer.
  ///
  /// - Returns: logits, `[token, 2]`: start, end.
  /// - Throws: as the encoder.
  public func callAsFunction(_ tokens: PackedTokens) throws -> Tensor {
    try layers(encoder(tokens).hiddenStates)
  }
}
