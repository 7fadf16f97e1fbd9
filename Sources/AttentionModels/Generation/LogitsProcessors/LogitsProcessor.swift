/// The logits of the next token, one for each token id.
typealias LogitsRow = UnsafeMutableBufferPointer<Float>

/// Changes the logits of the next token, depending on the tokens before it.
protocol LogitsProcessor: Sendable {
  /// - Parameter marks: scratch memory that calls share; the content between calls has no meaning.
  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks)
}

/// The processors that the options enable, in the order of `transformers`.
///
/// - Source: Hugging Face `transformers` 5, `GenerationMixin._get_logits_processor`.
struct LogitsProcessors: LogitsProcessor {
  private var steps: [any LogitsProcessor] = []

  init(_ options: GenerationOptions) {
    if options.repetitionPenalty != 1 {
      steps.append(RepetitionPenalty(penalty: options.repetitionPenalty))
    }
    if options.frequencyPenalty != 0 || options.presencePenalty != 0 {
      steps.append(
        OccurrencePenalty(
          frequency: options.frequencyPenalty, presence: options.presencePenalty))
    }
    if options.noRepeatNGramSize > 0 {
      steps.append(NoRepeatNGrams(size: options.noRepeatNGramSize, source: .sequence))
    }
    if options.promptNoRepeatNGramSize > 0 {
      steps.append(NoRepeatNGrams(size: options.promptNoRepeatNGramSize, source: .prompt))
    }
    let banned = options.effectiveBans
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

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    for step in steps { step.process(row, after: history, marks: &marks) }
  }
}
