import Attention
import AttentionCore

/// An encoder with a head that scores each label for a whole text: a classifier, or a cross-encoder that scores a
/// pair of texts.
///
///     y = W₂ f(W₁ h + b₁) + b₂
///
/// h is the hidden state of the first token or, in some ModernBERT models, the mean over the tokens. In models with
/// a decoder's blocks, h is the hidden state of the last token that is not the padding token. f is tanh, ReLU or
/// GELU.
///
/// - Source: Devlin et al. 2018, section 3.2; tensor names as in the family's `…ForSequenceClassification`.
public struct SequenceClassifier: Sendable {
  /// How scores become a prediction: `problem_type`.
  public enum Problem: String, Sendable, CaseIterable {
    /// One label is right: the probabilities are the softmax of the scores.
    case singleLabel = "single_label_classification"
    /// Any number of labels is right: the probability of each is the sigmoid of its score.
    case multiLabel = "multi_label_classification"
    /// The scores are numbers.
    case regression = "regression"
  }

  /// The encoder.
  public let encoder: any EncoderModel
  /// The labels, from `id2label`.
  public let labels: [String]
  /// How scores become a prediction. Without the key: regression for one label, else one right label.
  public let problem: Problem

  /// The function from logits to scores.
  enum Scoring: Sendable {
    case softmax, sigmoid, identity
  }
  /// The function that the reference applies: for one label without `problem_type`, the sigmoid.
  let scoring: Scoring

  private let pooling: Pooling
  private let paddingToken: Int?
  private let layers: HeadLayers

  /// Loads a checkpoint of a family in ``EncoderModels`` with a head for sequence classification.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: `ModelError.unsupported` for a checkpoint without the head, with the head that it has; as
  ///   ``EncoderModels/load(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let loaded = try LoadedEncoder(directory, head: .sequenceClassification, format: format)
    let config = loaded.configuration
    labels = try config.labels()
    let defaultProblem = labels.count == 1 ? Problem.regression : .singleLabel
    let stated = try config.optionalString("problem_type")
    let name = stated ?? defaultProblem.rawValue
    guard let problem = Problem(rawValue: name) else {
      throw ModelError.unsupported(
        path: config.path, what: "problem_type \(printable(name))",
        supported: Problem.allCases.map(\.rawValue))
    }
    self.problem = problem
    scoring =
      stated == Problem.regression.rawValue
      ? .identity : problem == .multiLabel || labels.count == 1 ? .sigmoid : .softmax
    encoder = loaded.encoder
    pooling = loaded.heads.pooling
    paddingToken = try config.optionalInteger("pad_token_id", in: -1...1_000_000_000)
    layers = try HeadLayers(loaded.heads.sequence, loaded, outputCount: labels.count)
  }

  /// The scores of the labels for each sequence.
  ///
  /// - Returns: logits, `[sequence, label]`.
  /// - Throws: as the encoder; ``ModelError/text(_:index:reason:)`` for a sequence without tokens.
  public func callAsFunction(_ tokens: PackedTokens) throws -> Tensor {
    if let index = tokens.lengths.firstIndex(of: 0) {
      throw ModelError.text("sequence", index: index, reason: "no tokens")
    }
    let hidden = try encoder(tokens).hiddenStates
    return try layers(
      pooling == .last
        ? hidden.selecting(rows: lastTokens(tokens)) : pooling(hidden, lengths: tokens.lengths))
  }

  /// The index of the last token of each sequence that is not the padding token; of the first token if all are.
  private func lastTokens(_ tokens: PackedTokens) -> [Int] {
    var first = 0
    return tokens.lengths.map { length in
      let range = first..<first + length
      first += length
      return range.last { tokens.ids[$0] != paddingToken } ?? range.lowerBound
    }
  }
}
