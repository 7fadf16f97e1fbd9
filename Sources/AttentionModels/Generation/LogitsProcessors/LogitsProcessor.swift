/// A row of logits to be changed, one for each token id.
typealias LogitsRow = UnsafeMutableBufferPointer<Float>

/// What changes the logits of the next token, knowing the tokens before it.
protocol LogitsProcessor: Sendable {
  mutating func process(_ row: LogitsRow, after history: TokenHistory)
}

/// The processors that some options ask for, in the order of `transformers`.
///
/// - Source: Hugging Face `transformers` 5, `GenerationMixin._get_logits_processor`.
struct LogitsProcessors: LogitsProcessor {
  private var steps: [any LogitsProcessor] = []

  init(_ options: GenerationOptions, vocabularySize: Int) {
    if options.repetitionPenalty != 1 {
      steps.append(
        RepetitionPenalty(options.repetitionPenalty, vocabularySize: vocabularySize))
    }
    if options.frequencyPenalty != 0 || options.presencePenalty != 0 {
      steps.append(
        OccurrencePenalty(
          frequency: options.frequencyPenalty, presence: options.presencePenalty,
          vocabularySize: vocabularySize))
    }
    if options.noRepeatNGramSize > 0 {
      steps.append(NoRepeatNGrams(size: options.noRepeatNGramSize, source: .sequence))
    }
    if options.promptNoRepeatNGramSize > 0 {
      steps.append(NoRepeatNGrams(size: options.promptNoRepeatNGramSize, source: .prompt))
    }
    let banned = options.bannedSequences.filter { !options.isEOS($0) }
    if !banned.isEmpty { steps.append(BannedSequences(banned)) }
    if !options.allEOSTokens.isEmpty, options.minLength > 0 || options.minNewTokens > 0 {
      steps.append(MinLength(options))
    }
    if options.forcedFirstToken != nil || !options.forcedLastTokens.isEmpty {
      steps.append(ForcedTokens(first: options.forcedFirstToken, last: options.forcedLastTokens))
    }
    if !options.suppressedTokens.isEmpty || !options.beginSuppressedTokens.isEmpty {
      steps.append(SuppressedTokens(options))
    }
  }

  /// Whether logits stay as they are.
  var isEmpty: Bool { steps.isEmpty }

  mutating func process(_ row: LogitsRow, after history: TokenHistory) {
    for index in steps.indices { steps[index].process(row, after: history) }
  }
}
