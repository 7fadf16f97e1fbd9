import Attention

/// Chooses the next token of a text: the most probable one, or one sampled at random.
struct Sampler: Sendable {
  let options: GenerationOptions
  let processors: LogitsProcessors
  let filter: SamplingFilter

  init(_ options: GenerationOptions) {
    self.options = options
    processors = LogitsProcessors(options)
    // Besides the EOS tokens, a beam search needs a token that continues the text.
    let least = options.beamCount > 1 ? max(2, options.allEOSTokens.count + 1) : 1
    filter = SamplingFilter(options, least: least)
  }

  /// The next token, with its log-probability if the options request it.
  ///
  /// - Throws: `AttentionError.argument` naming "logits" if they rule out every token.
  func next(
    _ logits: UnsafeBufferPointer<Float>, after history: TokenHistory,
    random: inout SplitMix64, _ scratch: inout SamplingScratch
  ) throws -> GeneratedToken {
    let kernels = Backend.current.kernels
    try scratch.resize(rowCount: 1, vocabularySize: logits.count)
    let id = scratch.rows.withUnsafeMutableBufferPointer { row -> Int? in
      _ = row.update(fromContentsOf: logits)
      processors.process(row, after: history, marks: &scratch.marks)
      if options.isSampling {
        return filter.sample(
          from: row, random: &random, probabilities: &scratch.probabilities, kernels: kernels)
      }
      let best = TopK.find(1, in: UnsafeBufferPointer(row), kernels: kernels).first
      return best.flatMap { $0.value > -.infinity ? $0.index : nil }
    }
    guard let id else { throw history.noTokenError }
    return GeneratedToken(
      id: id, logits: logits, options: options, scratch: &scratch.exponentials, kernels: kernels)
  }
}

extension TokenHistory {
  /// The error for logits that rule out every token.
  var noTokenError: AttentionError {
    .argument(
      "logits",
      reason: "all are −∞ after \(newIDs.count) new tokens: "
        + "the model and the options allow no token")
  }
}
