import Attention
import AttentionCore

/// The head of a checkpoint: what the model computes from the hidden states of its encoder.
enum EncoderHead: String, Sendable, CaseIterable {
  /// A score for each label and text: `…ForSequenceClassification`.
  case sequenceClassification = "sequence classification"
  /// A score for each label and token: `…ForTokenClassification`.
  case tokenClassification = "token classification"
  /// A score of each token as the start and as the end of an answer: `…ForQuestionAnswering`.
  case questionAnswering = "question answering"
  /// A score for each token id at each token: `…ForMaskedLM`.
  case maskedLanguageModel = "masked language model"

  /// The end of the name of the class in `transformers`.
  private var classSuffix: String {
    switch self {
    case .sequenceClassification: "ForSequenceClassification"
    case .tokenClassification: "ForTokenClassification"
    case .questionAnswering: "ForQuestionAnswering"
    case .maskedLanguageModel: "ForMaskedLM"
    }
  }

  /// The head of a checkpoint, by the first of the `architectures` in its `config.json`; nil for a bare encoder or
  /// another head.
  ///
  /// - Throws: `ModelError.configuration` if `architectures` is not an array of strings.
  init?(_ config: ConfigurationReader) throws {
    guard let name = try Self.className(config),
      let head = Self.allCases.first(where: { name.hasSuffix($0.classSuffix) })
    else { return nil }
    self = head
  }

  private static func className(_ config: ConfigurationReader) throws -> String? {
    guard let name = try config.optionalArray("architectures")?.first else { return nil }
    guard let name = name.string else {
      throw config.mismatch("architectures", expected: "array of strings", name)
    }
    return name
  }

  /// Checks that a checkpoint has this head.
  ///
  /// - Throws: `ModelError.unsupported` with the head that the checkpoint has.
  func require(in config: ConfigurationReader) throws {
    let head = try EncoderHead(config)
    guard head != self else { return }
    let found = try head?.rawValue ?? Self.className(config).map { printable($0) }
    throw ModelError.unsupported(
      path: config.path,
      what: found.map { "head \"\($0)\"" } ?? "checkpoint without a head",
      supported: ["\"\(rawValue)\""])
  }
}
