import AttentionCore

/// How documents are cut into passages. A document that fits into one passage is not cut.
public struct PassageOptions: Sendable, Hashable, Codable {
  /// The largest number of tokens of a passage, including special tokens; nil for the longest sequence of the model,
  /// and never more; 512 for a model without a limit.
  public var maxTokens: Int?
  /// The largest number of tokens that a passage repeats from the end of the passage before it, in whole sentences.
  public var overlap: Int

  /// Options.
  public init(maxTokens: Int? = nil, overlap: Int = 32) {
    (self.maxTokens, self.overlap) = (maxTokens, overlap)
  }

  /// The limit for a model without one.
  static let fallbackTokens = 512

  /// - Throws: `AttentionError.argument` naming "maxTokens" or "overlap".
  func check() throws {
    if let maxTokens, maxTokens < 1 {
      throw AttentionError.argument(
        "maxTokens", reason: "expected at least 1, got \(maxTokens)")
    }
    guard overlap >= 0 else {
      throw AttentionError.argument("overlap", reason: "expected at least 0, got \(overlap)")
    }
  }

  /// The largest number of tokens of a passage for a model.
  func tokenLimit(modelLimit: Int) -> Int {
    min(maxTokens ?? modelLimit, modelLimit == .max ? Self.fallbackTokens : modelLimit)
  }
}
