import Attention

/// Options that have been checked against a model, with everything that decoding derives from them.
///
/// Options are checked only here, once for each call that generates text.
package struct DecodingPlan: Sendable {
  let options: GenerationOptions
  /// How tokens become text; nil for tokens without text.
  let format: TextFormat?
  let sampler: Sampler
  var processors: LogitsProcessors { sampler.processors }
  var filter: SamplingFilter { sampler.filter }

  /// - Parameter format: how tokens become text; nil for tokens without text.
  /// - Throws: as ``GenerationOptions/check(vocabularySize:)``.
  init(
    _ options: GenerationOptions, vocabularySize: Int, format: TextFormat? = nil
  ) throws {
    try options.check(vocabularySize: vocabularySize)
    self.options = options
    self.format = format
    sampler = Sampler(options)
  }

  /// A plan for tokens without text.
  ///
  /// - Throws: as ``GenerationOptions/check(vocabularySize:)``.
  package init(_ options: GenerationOptions, model: any LanguageModel) throws {
    try self.init(options, vocabularySize: model.vocabularySize, format: nil)
  }

  /// The largest number of sequences that decoding a prompt needs.
  package var sequencesPerPrompt: Int { max(options.beamCount, options.resultCount) }

  /// The history of a sequence that begins with `start`.
  ///
  /// - Parameter index: the index of the prompt in errors.
  /// - Throws: `ModelError.text` if there is no room for a new token; the errors of
  ///   `GenerationOptions.checkForcedFirstToken(vocabularySize:)`.
  func history(
    start: [Int], prompt: [Int], model: any LanguageModel, index: Int
  ) throws -> TokenHistory {
    let longest = options.longest(from: start.count, limit: model.maxLength)
    guard longest > start.count else {
      throw ModelError.text(
        "prompt", index: index,
        reason: "\(start.count) tokens, longer than the limit of \(longest - 1): a sequence of at "
          + "most \(longest) tokens needs room for a new token")
    }
    if start.count == 1 {
      try options.checkForcedFirstToken(vocabularySize: model.vocabularySize)
    }
    return TokenHistory(start: start, prompt: prompt, maxLength: longest)
  }

  /// The strategy that chooses the tokens of one prompt's texts.
  func strategy(_ history: TokenHistory) -> any DecodingStrategy {
    options.beamCount > 1
      ? BeamSearch(self, history: history) : SampledTexts(self, history: history)
  }

  /// A decoder for the text of a sequence's new tokens; nil for tokens without text.
  func textDecoder(after start: [Int]) -> StreamingTextDecoder? {
    format.map { StreamingTextDecoder($0, after: start, stopStrings: options.stopStrings) }
  }

  /// Why a sequence ends with its next token, if it does.
  func finishReason(of token: Int, after history: TokenHistory) -> FinishReason? {
    if options.allEOSTokens.contains(token) { return .eosToken(token) }
    return history.ids.count + 1 >= history.maxLength ? .length : nil
  }
}
