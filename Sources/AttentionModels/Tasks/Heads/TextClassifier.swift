import Attention
import AttentionCore
import Foundation

/// Assigns labels to texts: sentiments, topics, intents, languages.
///
/// ```swift
/// let classifier = try TextClassifier(model: "distilbert/distilbert-base-uncased-finetuned-sst-2-english")
/// let labels = try classifier.labels(of: "I love this film.")
/// print(labels[0])  // POSITIVE 0.9999
/// ```
///
/// The scores are the softmax of the model's outputs if one label is right, the sigmoid of each if several may be,
/// and the outputs themselves for a regression.
///
/// - Source: `TextClassificationPipeline` of transformers.
public struct TextClassifier: ModelTask {
  /// The encoder with its classification head.
  public let classifier: SequenceClassifier
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { tokens.tokenizer }
  /// The longest text in tokens, including special tokens; `Int.max` for no limit.
  public var maxLength: Int { tokens.maxLength }

  private let tokens: EncoderTokens

  /// Loads the classifier in a folder.
  ///
  /// - Throws: as ``SequenceClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (classifier, tokens) = try EncoderTokens.load(
      directory, head: { try SequenceClassifier($0, format: format) }, encoder: \.encoder)
  }

  /// The scores of all labels for each text.
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - truncation: what to do with a text of more than ``maxLength`` tokens.
  /// - Returns: for each text, all labels by descending score.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" ``maxLength`` and must not be
  ///   cut, or that has a token without an embedding; `AttentionError.memory`.
  public func labels(
    of texts: [String], truncation: Truncation = .cutEnd
  ) throws -> [[LabelScore]] {
    try labels(of: encodings(of: texts, truncation: truncation))
  }

  /// The scores of all labels for a text.
  ///
  /// - Returns: all labels by descending score.
  /// - Throws: as for several texts.
  public func labels(of text: String, truncation: Truncation = .cutEnd) throws -> [LabelScore] {
    try labels(of: [text], truncation: truncation)[0]
  }

  /// The scores of all labels for each pair of texts, such as a premise and a hypothesis.
  ///
  /// - Throws: as for texts.
  public func labels(
    ofPairs pairs: [(String, String)], truncation: Truncation = .cutEnd
  ) throws -> [[LabelScore]] {
    try labels(
      of: tokens.encodings(of: pairs) {
        try tokens.encoding($0.0, pair: $0.1, truncation: truncation)
      })
  }

  /// The scores of all labels for each text, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func labels(
    of texts: [String], truncation: Truncation = .cutEnd
  ) async throws -> [[LabelScore]] {
    try await BlockingWork.run {
      try self.labels(of: texts, truncation: truncation)
    }
  }

  /// The tokens of texts, as ``labels(of:truncation:)-([String],_)`` reads them.
  package func encodings(of texts: [String], truncation: Truncation) throws -> [Encoding] {
    try tokens.encodings(of: texts) { try tokens.encoding($0, truncation: truncation) }
  }

  package func labels(of encodings: [Encoding]) throws -> [[LabelScore]] {
    var result: [[LabelScore]] = []
    result.reserveCapacity(encodings.count)
    try forEachResult(of: encodings, isPerToken: false, classifier.callAsFunction) { _, rows in
      result.append(
        zip(classifier.labels, classifier.probabilities(rows[0]))
          .map(LabelScore.init).stablySorted(by: \.score, >))
    }
    return result
  }
}

extension SequenceClassifier {
  /// The scores of the labels from the logits of one sequence.
  func probabilities(_ logits: ArraySlice<Float>) -> [Float] {
    switch scoring {
    case .softmax: softmax(logits: logits)
    case .sigmoid: logits.map { Float(1 / (1 + exp(-Double($0)))) }
    case .identity: Array(logits)
    }
  }
}
