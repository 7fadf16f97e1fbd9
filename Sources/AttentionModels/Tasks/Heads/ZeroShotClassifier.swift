import Attention
import AttentionCore

/// Assigns labels that the model was not trained on, with a model for natural language inference.
///
/// The text is the premise. For each label, the hypothesis is a sentence with the label in it, and the score grows
/// with the logit e of *entailment*:
///
///     score = e^eᵢ / Σ e^eⱼ              over all labels, if one label is right
///     score = e^eᵢ / (e^eᵢ + e^cᵢ)       with c of *contradiction*, if several may be right
///
/// ```swift
/// let classifier = try ZeroShotClassifier(model: "cross-encoder/nli-deberta-v3-base")
/// let labels = try classifier.labels(
///   among: ["travel", "cooking", "sport"], of: ["We flew to Lisbon for a week."])
/// ```
///
/// - Source: Yin et al. 2019; `ZeroShotClassificationPipeline` of transformers.
public struct ZeroShotClassifier: ModelTask {
  /// The hypothesis of the reference, in which `{}` stands for the label.
  public static let defaultTemplate = "This example is {}."

  /// The encoder with its classification head.
  public let classifier: SequenceClassifier
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { tokens.tokenizer }
  /// The longest pair in tokens, including special tokens; `Int.max` for no limit.
  public var maxLength: Int { tokens.maxLength }

  private let tokens: EncoderTokens
  private let entailment: Int
  private let contradiction: Int

  /// Loads the classifier in a folder.
  ///
  /// - Throws: `ModelError.unsupported` for a model with less than two labels; as
  ///   ``SequenceClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (classifier, tokens) = try EncoderTokens.load(
      directory, head: { try SequenceClassifier($0, format: format) }, encoder: \.encoder)
    let labels = classifier.labels
    guard labels.count > 1 else {
      throw ModelError.unsupported(
        path: directory.path, what: "natural language inference with one label",
        supported: ["contradiction, neutral, entailment"])
    }
    // As the reference: the last label if no label is called entailment.
    entailment = labels.firstIndex { $0.lowercased().hasPrefix("entail") } ?? labels.count - 1
    contradiction = entailment == 0 ? labels.count - 1 : 0
  }

  /// The scores of the given labels for each text.
  ///
  /// - Parameters:
  ///   - labels: at least one label.
  ///   - texts: the texts; may be empty. A text that is too long with a hypothesis is cut.
  ///   - allowingSeveral: whether several labels may be right. With one label, its score is always that of several.
  ///   - template: the hypothesis, in which `{}` stands for the label.
  /// - Returns: for each text, all labels by descending score.
  /// - Throws: `AttentionError.argument` naming "labels" if there are none, or "template" if it has no `{}`;
  ///   ``ModelError/text(_:index:reason:)`` for a hypothesis that is too long, or a token without an embedding.
  public func labels(
    among labels: [String], of texts: [String], allowingSeveral: Bool = false,
    template: String = defaultTemplate
  ) throws -> [[LabelScore]] {
    guard !labels.isEmpty else {
      throw AttentionError.argument("labels", reason: "expected at least one label")
    }
    guard template.contains("{}") else {
      throw AttentionError.argument(
        "template",
        reason: "expected {} in the place of the label, got \(quoted(template, limit: 60))")
    }
    let hypotheses = labels.map { template.replacing("{}", with: $0) }
    let encodings = try Workers.map(texts, chunk: 1) { index, text in
      do {
        return try hypotheses.map { hypothesis in
          let encoding = try tokenizer.encode(
            cutting: text, pair: hypothesis, maxLength: maxLength)
          try encoding.requireRows(classifier.encoder.vocabularySize, named: "text")
          return encoding
        }
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }.flatMap(\.self)
    var logits: [(entailment: Float, contradiction: Float)] = []
    try forEachResult(of: encodings, isPerToken: false, classifier.callAsFunction) { _, rows in
      let first = rows[0].startIndex
      logits.append((rows[0][first + entailment], rows[0][first + contradiction]))
    }
    return texts.indices.map { text in
      let rows = logits[text * labels.count..<(text + 1) * labels.count]
      let scores =
        allowingSeveral || labels.count == 1
        ? rows.map { softmax(logits: [$0.contradiction, $0.entailment])[1] }
        : softmax(logits: rows.map(\.entailment))
      return zip(labels, scores).map(LabelScore.init).stablySorted(by: \.score, >)
    }
  }

  /// The scores of the given labels, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func labels(
    among labels: [String], of texts: [String], allowingSeveral: Bool = false,
    template: String = defaultTemplate
  ) async throws -> [[LabelScore]] {
    try await BlockingWork.run {
      try self.labels(
        among: labels, of: texts, allowingSeveral: allowingSeveral, template: template)
    }
  }
}
