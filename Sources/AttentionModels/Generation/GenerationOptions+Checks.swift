import Attention

extension GenerationOptions {
  /// The most beams of one prompt, texts of one prompt, and alternatives of one token.
  static let countLimit = 4096
  /// The most tokens of a sequence.
  static let lengthLimit = 1 << 30

  /// Checks every option, and that they go together.
  ///
  /// - Parameter vocabularySize: the number of token ids; nil where the model is not known yet.
  /// - Throws: `AttentionError.argument` with the name of the option and its value.
  public func check(vocabularySize: Int? = nil) throws {
    try checkCounts()
    try checkNumbers()
    try checkTokens(below: vocabularySize ?? Int(Int32.max))
    if let empty = stopStrings.firstIndex(where: \.utf8.isEmpty) {
      throw AttentionError.argument("stopStrings", reason: "string \(empty) is empty")
    }
    if beamCount > 1 {
      guard sequenceCount <= beamCount else {
        throw AttentionError.argument(
          "sequenceCount",
          reason: "expected at most the \(beamCount) of beamCount, got \(sequenceCount)")
      }
    } else if !samples, sequenceCount > 1 {
      throw AttentionError.argument(
        "sequenceCount",
        reason: "expected 1 where neither samples nor beamCount makes texts differ, got "
          + "\(sequenceCount)")
    }
  }

  private func checkCounts() throws {
    try check("maximumNewTokens", maximumNewTokens, in: 1...Self.lengthLimit)
    try check("maximumLength", maximumLength, in: 1...Self.lengthLimit)
    try check("minimumNewTokens", minimumNewTokens, in: 0...Self.lengthLimit)
    try check("minimumLength", minimumLength, in: 0...Self.lengthLimit)
    if let maximumNewTokens, minimumNewTokens > maximumNewTokens {
      throw AttentionError.argument(
        "minimumNewTokens",
        reason: "\(minimumNewTokens) is more than maximumNewTokens, \(maximumNewTokens)")
    }
    try check("beamCount", beamCount, in: 1...Self.countLimit)
    try check("sequenceCount", sequenceCount, in: 1...Self.countLimit)
    try check("topK", topK, in: 1...Int.max)
    try check("noRepeatNGramSize", noRepeatNGramSize, in: 0...Self.lengthLimit)
    try check("promptNoRepeatNGramSize", promptNoRepeatNGramSize, in: 0...Self.lengthLimit)
    try check("logProbabilities", logProbabilities, in: 0...Self.countLimit)
  }

  private func checkNumbers() throws {
    try check("temperature", temperature, "above 0") { $0 > 0 }
    try check("topP", topP, "in the range 0...1") { (0...1).contains($0) }
    try check("minP", minP, "in the range 0...1") { (0...1).contains($0) }
    try check("repetitionPenalty", repetitionPenalty, "above 0") { $0 > 0 }
    try check("frequencyPenalty", frequencyPenalty, "that is finite") { _ in true }
    try check("presencePenalty", presencePenalty, "that is finite") { _ in true }
    try check("lengthPenalty", lengthPenalty, "that is finite") { _ in true }
  }

  private func checkTokens(below bound: Int) throws {
    let lists: [(String, [Int])] = [
      ("suppressedTokens", suppressedTokens), ("beginSuppressedTokens", beginSuppressedTokens),
      ("forcedFirstToken", [forcedFirstToken].compactMap(\.self)),
      ("forcedLastTokens", forcedLastTokens), ("stopTokens", stops),
      ("beginToken", [beginToken].compactMap(\.self)),
      ("bannedSequences", bannedSequences.flatMap(\.self)),
    ]
    for (name, ids) in lists {
      if let id = ids.first(where: { !(0..<bound).contains($0) }) {
        throw AttentionError.argument(name, reason: "id \(id) is not one of the \(bound)")
      }
    }
    if let empty = bannedSequences.firstIndex(where: \.isEmpty) {
      throw AttentionError.argument("bannedSequences", reason: "sequence \(empty) is empty")
    }
  }

  private func check(_ name: String, _ value: Int?, in range: ClosedRange<Int>) throws {
    guard let value, !range.contains(value) else { return }
    throw AttentionError.argument(
      name, reason: "expected \(range.lowerBound)...\(range.upperBound), got \(value)")
  }

  private func check(
    _ name: String, _ value: Float, _ expected: String, _ isRight: (Float) -> Bool
  ) throws {
    guard !value.isFinite || !isRight(value) else { return }
    throw AttentionError.argument(name, reason: "expected a number \(expected), got \(value)")
  }
}
