import Attention

extension GenerationOptions {
  /// The largest number of beams and results of a prompt, and of alternatives of a token.
  static let countLimit = 4096
  /// The largest length of a sequence.
  static let lengthLimit = 1 << 30

  /// Checks the options that have an effect, and their combination: sampling options only if tokens are
  /// sampled, beam options only with several beams.
  ///
  /// - Parameter vocabularySize: the number of token ids; nil if the model is not known yet.
  /// - Throws: `AttentionError.argument` with the name of the option and its value; ``ModelError`` for a
  ///   setting in the model's files that is wrong or not implemented.
  public func check(vocabularySize: Int? = nil) throws {
    try checkRefusals()
    try checkCounts()
    try checkNumbers()
    try checkTokens(below: vocabularySize ?? Int(Int32.max))
    if let empty = stopStrings.firstIndex(where: \.utf8.isEmpty) {
      throw AttentionError.argument("stopStrings", reason: "string \(empty) is empty")
    }
    if beamCount > 1 {
      guard resultCount <= beamCount else {
        throw AttentionError.argument(
          "resultCount",
          reason: "expected at most beamCount \(beamCount), got \(resultCount)")
      }
    } else if !isSampling, resultCount > 1 {
      throw AttentionError.argument(
        "resultCount",
        reason: "expected 1 for greedy decoding, got \(resultCount): several results need "
          + "isSampling or beamCount")
    }
  }

  private func checkCounts() throws {
    try check("maxNewTokens", maxNewTokens, in: 1...Self.lengthLimit)
    if maxNewTokens == nil {
      try check("maxLength", maxLength, in: 1...Self.lengthLimit)
    }
    try check("minNewTokens", minNewTokens, in: 0...Self.lengthLimit)
    try check("minLength", minLength, in: 0...Self.lengthLimit)
    try check("beamCount", beamCount, in: 1...Self.countLimit)
    try check("resultCount", resultCount, in: 1...Self.countLimit)
    if isSampling { try check("topK", topK, in: 1...Int.max) }
    try check("noRepeatNGramSize", noRepeatNGramSize, in: 0...Self.lengthLimit)
    try check("promptNoRepeatNGramSize", promptNoRepeatNGramSize, in: 0...Self.lengthLimit)
    try check("logProbabilities", logProbabilities, in: 0...Self.countLimit)
  }

  private func checkNumbers() throws {
    if isSampling {
      try check("temperature", temperature, "above 0") { $0 > 0 }
      try check("topP", topP, "in the range 0...1") { (0...1).contains($0) }
      try check("minP", minP, "in the range 0...1") { (0...1).contains($0) }
    }
    try check("repetitionPenalty", repetitionPenalty, "above 0") { $0 > 0 }
    try check("frequencyPenalty", frequencyPenalty, "that is finite") { _ in true }
    try check("presencePenalty", presencePenalty, "that is finite") { _ in true }
    if beamCount > 1 {
      try check("lengthPenalty", lengthPenalty, "that is finite") { _ in true }
    }
  }

  private func checkTokens(below bound: Int) throws {
    // EOS tokens and suppressed tokens may be outside the vocabulary. `bosToken` and `forcedFirstToken`
    // are checked when they are used.
    // A set, because a file may contain long lists.
    let suppressed = Set(suppressedTokens)
    let lists: [(String, [Int])] = [
      ("startToken", [startToken].compactMap(\.self)), ("forcedLastTokens", forcedLastTokens),
      ("bannedSequences", effectiveBans.flatMap(\.self)),
    ]
    for (name, ids) in lists {
      if let id = ids.first(where: { !(0..<bound).contains($0) }) {
        throw AttentionError.argument(
          name, reason: "id \(id) is out of range for a vocabulary of \(bound)")
      }
    }
    let forced = [
      ("forcedFirstToken", [forcedFirstToken].compactMap(\.self)),
      ("forcedLastTokens", forcedLastTokens),
    ]
    for (name, ids) in forced where !ids.isEmpty && ids.allSatisfy(suppressed.contains) {
      throw AttentionError.argument(
        name, reason: "\(DescriptionText.list(ids)) are also in suppressedTokens")
    }
    if let empty = bannedSequences.firstIndex(where: \.isEmpty) {
      throw AttentionError.argument("bannedSequences", reason: "sequence \(empty) is empty")
    }
  }

  /// Checks the token that must follow a single start token.
  ///
  /// - Throws: `ModelError` naming file and key if the token is from a file, else `AttentionError.argument`.
  func checkForcedFirstToken(vocabularySize: Int) throws {
    guard let forcedFirstToken, !(0..<vocabularySize).contains(forcedFirstToken) else { return }
    if let refusal = refusals["forced_bos_token_id"] { throw refusal.error }
    throw AttentionError.argument(
      "forcedFirstToken",
      reason: "id \(forcedFirstToken) is out of range for a vocabulary of \(vocabularySize)")
  }

  /// The banned sequences except single EOS tokens, which are ignored.
  var effectiveBans: [[Int]] {
    let eos = Set(allEOSTokens)
    return bannedSequences.filter { $0.count != 1 || !eos.contains($0[0]) }
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
