import Attention
import AttentionCore

/// Finds names and other marked parts in texts (named entity recognition), with a model that labels tokens.
///
/// ```swift
/// let tagger = try EntityTagger(model: "dslim/bert-base-NER")
/// for entity in try tagger.entities(in: "Ada Lovelace was born in London.") {
///   print(entity.label, entity.text)  // PER Ada Lovelace, LOC London
/// }
/// ```
///
/// A text that is longer than the model is read in overlapping windows.
///
/// - Source: `TokenClassificationPipeline` of transformers.
public struct EntityTagger: ModelTask {
  /// The encoder with its head.
  public let classifier: TokenClassifier
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { tokens.tokenizer }
  /// The longest sequence in tokens, including special tokens; `Int.max` for no limit.
  public var maxLength: Int { tokens.maxLength }

  private let tokens: EncoderTokens

  /// Loads the tagger in a folder.
  ///
  /// - Throws: as ``TokenClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (classifier, tokens) = try EncoderTokens.load(
      directory, head: { try TokenClassifier($0, format: format) }, encoder: \.encoder)
  }

  /// The entities of each text, in the order of the text.
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - aggregation: how the labels of tokens become entities.
  ///   - overlap: the number of tokens that two windows of a long text share; less than a window's.
  ///   - ignoredLabels: labels that are not returned, with or without `B-` and `I-`.
  /// - Returns: a list for each text.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a token without an embedding; `AttentionError.memory`.
  public func entities(
    in texts: [String], aggregation: EntityAggregation = .simple, overlap: Int = 64,
    ignoredLabels: Set<String> = ["O"]
  ) throws -> [[Entity]] {
    let windows = try Workers.map(texts, chunk: 4) { index, text in
      do {
        let windows = try tokenizer.windows(of: text, maxLength: maxLength, overlap: overlap)
        for window in windows {
          try window.encoding.requireRows(tokens.vocabularySize, named: "text")
        }
        return windows
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }
    let places = windows.enumerated().flatMap { text, windows in windows.map { (text, $0) } }
    let scalars = texts.map(ScalarText.init)
    var found = Array(repeating: [Entity](), count: texts.count)
    try forEachResult(
      of: places.map(\.1.encoding), isPerToken: true, classifier.callAsFunction
    ) { index, rows in
      let (text, window) = places[index]
      let grouping = EntityGrouping(
        labels: classifier.labels, aggregation: aggregation, text: scalars[text],
        tokenizer: tokenizer)
      found[text] += grouping.entities(in: window, logits: rows).filter {
        !ignoredLabels.contains($0.label)
      }
    }
    return found.indices.map {
      windows[$0].count > 1 ? EntityGrouping.withoutOverlaps(found[$0]) : found[$0]
    }
  }

  /// The entities of a text, in the order of the text.
  ///
  /// - Throws: as for several texts.
  public func entities(
    in text: String, aggregation: EntityAggregation = .simple, overlap: Int = 64,
    ignoredLabels: Set<String> = ["O"]
  ) throws -> [Entity] {
    try entities(
      in: [text], aggregation: aggregation, overlap: overlap, ignoredLabels: ignoredLabels)[0]
  }

  /// The entities of each text, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func entities(
    in texts: [String], aggregation: EntityAggregation = .simple, overlap: Int = 64,
    ignoredLabels: Set<String> = ["O"]
  ) async throws -> [[Entity]] {
    try await BlockingWork.run {
      try self.entities(
        in: texts, aggregation: aggregation, overlap: overlap, ignoredLabels: ignoredLabels)
    }
  }
}
