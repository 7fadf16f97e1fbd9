import Attention
import AttentionCore
import Foundation

/// Scores how well a text fits a query, by reading both together: a model of sentence-transformers' `CrossEncoder`,
/// such as a reranker.
///
/// ```swift
/// let encoder = try CrossEncoder(model: "cross-encoder/ms-marco-MiniLM-L6-v2")
/// let scores = try encoder.scores(
///   query: "How do I reset my password?",
///   texts: ["I forgot the code that lets me log in", "Opening hours of the Berlin office"])
/// ```
///
/// The score is f(y) of the classifier's output y. f is the function in the model's files, else the sigmoid for
/// one label and the identity for several.
///
/// - Source: Nogueira & Cho 2019; Reimers & Gurevych 2019.
public struct CrossEncoder: ModelTask {
  /// The encoder with its classification head.
  public let classifier: SequenceClassifier
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { tokens.tokenizer }
  /// The function of the scores.
  public let activation: ScoreActivation
  /// The longest pair in tokens, including special tokens; `Int.max` for no limit.
  public var maxLength: Int { tokens.maxLength }

  private let tokens: EncoderTokens

  /// Loads the cross-encoder in a folder.
  ///
  /// - Throws: as ``SequenceClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (classifier, tokens) = try EncoderTokens.load(
      directory, head: { try SequenceClassifier($0, format: format) }, encoder: \.encoder)
    let pipeline = try SentencePipeline(directory)
    activation = try ScoreActivation(
      pipeline.encoder.configuration(), settings: pipeline.settings,
      labelCount: classifier.labels.count)
  }

  /// The scores of pairs of texts.
  ///
  /// - Parameter pairs: for example a query and a passage each. If a pair is longer than ``maxLength``, the longer
  ///   text is cut.
  /// - Returns: `[pair, label]`; most models have one label.
  /// - Throws: as the classifier; `AttentionError.argument` if ``maxLength`` leaves no room for special tokens;
  ///   `AttentionError.memory`.
  public func scores(pairs: [(String, String)]) throws -> Tensor {
    let encodings = try tokens.encodings(of: pairs) {
      try tokens.encoding($0.0, pair: $0.1, truncation: .cutEnd)
    }
    let labelCount = classifier.labels.count
    return try Tensor(shape: [pairs.count, labelCount]) { scores in
      for batch in TokenBatches.ranges(lengths: encodings.lazy.map(\.count)) {
        let logits = try classifier(PackedTokens(encodings[batch]))
        try activation(logits).withUnsafeScalars {
          _ = scores[(batch.lowerBound * labelCount)...].initialize(fromContentsOf: $0)
        }
      }
    }
  }

  /// The scores of texts for a query, by the first label.
  ///
  /// - Returns: one number per text.
  /// - Throws: as ``scores(pairs:)``.
  public func scores(query: String, texts: [String]) throws -> [Float] {
    let scores = try scores(pairs: texts.map { (query, $0) })
    return texts.indices.map { scores.row($0)[0] }
  }

  /// The texts that fit a query best.
  ///
  /// ```swift
  /// for text in try encoder.rank(passages, for: "How do I reset my password?", count: 3) {
  ///   print(text.score, passages[text.index])
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - texts: the texts; may be empty.
  ///   - query: the query.
  ///   - count: the largest number of results; nil for all.
  /// - Returns: the indices of texts by descending score; of equal scores, the first text is first.
  /// - Throws: as ``scores(pairs:)``; `AttentionError.argument` for a model with several labels, or naming "count"
  ///   if it is negative.
  /// - Source: `CrossEncoder.rank` of sentence-transformers.
  public func rank(
    _ texts: [String], for query: String, count: Int? = nil
  ) throws -> [RankedText] {
    guard classifier.labels.count == 1 else {
      throw AttentionError.argument(
        "model",
        reason: "expected one score for each pair, got \(classifier.labels.count) labels")
    }
    if let count, count < 0 {
      throw AttentionError.argument("count", reason: "expected at least 0, got \(count)")
    }
    let ranked = try scores(query: query, texts: texts).enumerated()
      .map { RankedText(index: $0, score: $1) }.stablySorted(by: \.score, >)
    return Array(ranked.prefix(count ?? ranked.count))
  }

  /// The texts that fit a query best, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func rank(
    _ texts: [String], for query: String, count: Int? = nil
  ) async throws -> [RankedText] {
    try await BlockingWork.run { try self.rank(texts, for: query, count: count) }
  }
}

/// A text of a list, and how well it fits a query.
public struct RankedText: Sendable, Hashable {
  /// The index of the text in the list.
  public var index: Int
  /// The score of the text; larger is better.
  public var score: Float

  /// The given index and score.
  public init(index: Int, score: Float) {
    self.index = index
    self.score = score
  }
}

/// The function of a cross-encoder's scores.
public enum ScoreActivation: String, Sendable, Hashable, CaseIterable {
  /// f(y) = y.
  case identity = "Identity"
  /// f(y) = 1 / (1 + e^(−y)), from 0 to 1.
  case sigmoid = "Sigmoid"

  /// Reads the function that the files of a cross-encoder name.
  ///
  /// - Parameter settings: `config_sentence_transformers.json`; nil without the file.
  /// - Throws: `ModelError.unsupported` for another function.
  init(
    _ config: ConfigurationReader, settings: ConfigurationReader?, labelCount: Int
  ) throws {
    var place = (config: config, key: "sbert_ce_default_activation_function")
    if let nested = try config.optionalNested("sentence_transformers"),
      nested.value("activation_fn") != nil
    {
      place = (nested, "activation_fn")
    } else if config.value(place.key) == nil, let settings {
      place = (settings, "activation_fn")
    }
    guard let path = try place.config.optionalString(place.key) else {
      self = labelCount == 1 ? .sigmoid : .identity
      return
    }
    guard let function = ScoreActivation(rawValue: path.className) else {
      throw ModelError.unsupported(
        path: place.config.path, what: "\(place.key) \(printable(path))",
        supported: Self.allCases.map(\.rawValue))
    }
    self = function
  }

  /// f of each number.
  func callAsFunction(_ logits: Tensor) throws -> Tensor {
    guard self == .sigmoid else { return logits }
    var scores = logits
    try scores.withMutableSpan { span in
      for index in span.indices {
        // e^(−|y|) cannot overflow.
        let decay = exp(-abs(span[index]))
        span[index] = (span[index] >= 0 ? 1 : decay) / (1 + decay)
      }
    }
    return scores
  }
}
