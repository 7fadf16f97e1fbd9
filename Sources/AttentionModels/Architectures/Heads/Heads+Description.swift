import Attention
import AttentionCore

// Descriptions of encoders with heads, on one line.

extension SequenceClassifier: CustomStringConvertible {
  /// The problem and the sizes, such as `SequenceClassifier(singleLabel, 2 labels, 6 layers, hidden size 768)`.
  public var description: String {
    headDescription("SequenceClassifier", "\(problem), \(counted(labels.count, "label"))", encoder)
  }
}

extension TokenClassifier: CustomStringConvertible {
  /// The sizes, such as `TokenClassifier(9 labels, 12 layers, hidden size 768)`.
  public var description: String {
    headDescription("TokenClassifier", counted(labels.count, "label"), encoder)
  }
}

extension AnswerExtractor: CustomStringConvertible {
  /// The sizes, such as `AnswerExtractor(12 layers, hidden size 768)`.
  public var description: String { headDescription("AnswerExtractor", nil, encoder) }
}

extension MaskedLanguageModel: CustomStringConvertible {
  /// The sizes, such as `MaskedLanguageModel(vocabulary 30522, 12 layers, hidden size 768)`.
  public var description: String {
    headDescription("MaskedLanguageModel", "vocabulary \(encoder.vocabularySize)", encoder)
  }
}

private func headDescription(_ type: String, _ head: String?, _ encoder: any EncoderModel) -> String
{
  DescriptionText.parts(
    type, head, counted(encoder.layerCount, "layer"), "hidden size \(encoder.hiddenSize)")
}
