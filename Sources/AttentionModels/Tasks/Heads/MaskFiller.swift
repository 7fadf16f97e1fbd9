import Attention
import AttentionCore

/// Predicts the tokens that a text has a mask for, with a masked language model.
///
/// ```swift
/// let filler = try MaskFiller(model: "google-bert/bert-base-uncased")
/// let words = try filler.predictions(for: "Paris is the [MASK] of France.")
/// print(words[0][0].token)  // capital
/// ```
///
/// - Source: `FillMaskPipeline` of transformers.
public struct MaskFiller: ModelTask {
  /// The encoder with its head.
  public let model: MaskedLanguageModel
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { tokens.tokenizer }
  /// The longest text in tokens, including special tokens; `Int.max` for no limit.
  public var maxLength: Int { tokens.maxLength }
  /// The mask in a text, such as `[MASK]` or `<mask>`.
  public let mask: String

  private let tokens: EncoderTokens
  private let maskID: Int

  /// Loads the masked language model in a folder.
  ///
  /// - Throws: `ModelError.unsupported` for a tokenizer without a mask; as ``MaskedLanguageModel/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (model, tokens) = try EncoderTokens.load(
      directory, head: { try MaskedLanguageModel($0, format: format) }, encoder: \.encoder)
    guard let id = tokens.tokenizer.maskToken, let mask = tokens.tokenizer.token(of: id) else {
      throw ModelError.unsupported(
        path: directory.path, what: "tokenizer without mask_token", supported: ["[MASK]", "<mask>"])
    }
    self.mask = mask
    maskID = id
  }

  /// The most probable tokens for each mask of a text. The probabilities of several masks are independent of each
  /// other.
  ///
  /// - Parameters:
  ///   - text: a text with at least one ``mask``.
  ///   - count: the number of predictions for each mask.
  ///   - targets: the only tokens to compare; nil for all. A target that is not a token counts as its first token.
  /// - Returns: for each mask in order, its predictions by descending score.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text without a mask or longer than ``maxLength``;
  ///   `AttentionError.argument` naming "count" or "targets".
  public func predictions(
    for text: String, count: Int = 5, among targets: [String]? = nil
  ) throws -> [[MaskPrediction]] {
    guard count >= 1 else {
      throw AttentionError.argument("count", reason: "expected at least 1, got \(count)")
    }
    let candidates = try targets.map(ids)
    let encoding = try tokens.encoding(text, truncation: .refuse)
    let positions = encoding.ids.indices.filter { encoding.ids[$0] == maskID }
    guard !positions.isEmpty else {
      throw ModelError.text(
        "text", reason: "no mask: expected \(mask) in the place of a word")
    }
    let logits = try model(PackedTokens([encoding]), at: positions)
    let scalars = ScalarText(text)
    let end = text.unicodeScalars.count
    return positions.enumerated().map { row, position in
      let scores = softmax(logits: logits.row(row))
      // An added token may include the white space before it.
      let range = encoding.offsets[position]
      let matched = scalars[range]
      let before = scalars[0..<range.lowerBound] + matched.prefix(while: \.isWhitespace)
      let after = scalars[range.upperBound..<end]
      return Self.best(scores, count, among: candidates).map { id in
        let token = tokenizer.decode([id], skippingSpecialTokens: false)
        return MaskPrediction(
          token: token, id: id, score: scores[id],
          text: before + token.trimmingPrefix(while: \.isWhitespace) + after)
      }
    }
  }

  /// The most probable tokens, without blocking a thread of Swift's cooperative pool.
  ///
  /// - Throws: as the synchronous form; `CancellationError` if the current task is cancelled.
  public func predictions(
    for text: String, count: Int = 5, among targets: [String]? = nil
  ) async throws -> [[MaskPrediction]] {
    try await BlockingWork.run { try self.predictions(for: text, count: count, among: targets) }
  }

  private func ids(of targets: [String]) throws -> [Int] {
    guard !targets.isEmpty else {
      throw AttentionError.argument("targets", reason: "expected at least one token")
    }
    let ids = try targets.map { target in
      guard
        let id = try tokenizer.id(of: target)
          ?? tokenizer.encode(target, addingSpecialTokens: false).ids.first
      else {
        throw AttentionError.argument(
          "targets", reason: "\(quoted(target, limit: 60)) has no token")
      }
      return id
    }
    if let outside = ids.first(where: { $0 >= tokens.vocabularySize }) {
      throw AttentionError.argument(
        "targets", reason: "the token \(outside) is not among the model's \(tokens.vocabularySize)")
    }
    return Set(ids).sorted()
  }

  private static func best(_ scores: [Float], _ count: Int, among candidates: [Int]?) -> [Int] {
    let ids = candidates ?? Array(scores.indices)
    return Array(ids.stablySorted(by: { scores[$0] }, >).prefix(count))
  }
}

/// A token that may stand in the place of a mask.
public struct MaskPrediction: Sendable, Hashable {
  /// The text of the token.
  public var token: String
  /// The id of the token.
  public var id: Int
  /// The probability of the token, from 0 to 1.
  public var score: Float
  /// The text with the token in the place of the mask.
  public var text: String

  /// The given prediction.
  public init(token: String, id: Int, score: Float, text: String) {
    self.token = token
    self.id = id
    self.score = score
    self.text = text
  }
}
