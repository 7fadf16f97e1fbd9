import Attention

/// Sequences that a model continues together, and what is known of the next tokens.
struct GenerationBatch {
  let model: any LanguageModel
  let options: GenerationOptions
  /// The sequences so far, one for each of the model's state.
  var histories: [TokenHistory]
  /// The logits of the token that follows each sequence, `[sequence, vocabulary]`.
  private(set) var logits: Tensor

  private var state: DecodingState
  private var next: PackedTokens

  /// Encodes the prompts, or takes them as the beginnings of the sequences.
  ///
  /// - Throws: `AttentionError.argument` for options that make no sense; `ModelError.text` for a prompt
  ///   that is empty, or leaves no room for a new token; what the model throws.
  init(_ model: any LanguageModel, prompts: [[Int]], options: GenerationOptions) throws {
    try options.check(vocabularySize: model.vocabularySize)
    self.model = model
    self.options = options
    (state, next) = try model.begin(PackedTokens(prompts))
    guard next.lengths.count == prompts.count, state.sequenceCount == prompts.count else {
      throw AttentionError.argument(
        "prompts",
        reason: "the model begins \(next.lengths.count) sequences for \(prompts.count) prompts")
    }
    histories = []
    var end = 0
    for (index, prompt) in prompts.enumerated() {
      let start = Array(next.ids[end..<end + next.lengths[index]])
      end += start.count
      let longest = options.longest(from: start.count, limit: model.maxLength)
      guard longest > start.count else {
        throw ModelError.text(
          "prompt", index: index,
          reason: "\(start.count) tokens, longer than the \(longest - 1) that leave room for a new "
            + "one among \(longest)")
      }
      if start.count == 1 {
        try options.checkForcedFirstToken(vocabularySize: model.vocabularySize)
      }
      histories.append(TokenHistory(start: start, prompt: prompt, maxLength: longest))
    }
    logits = try Tensor(shape: [0, model.vocabularySize], repeating: 0)
  }

  /// Computes the logits of the next tokens.
  ///
  /// - Throws: `CancellationError` in a task that has been cancelled; `AttentionError.argument` naming
  ///   "logits" where one is NaN or +∞; what the model throws.
  mutating func advance() throws {
    if Task.isCancelled { throw CancellationError() }
    logits = try model.logits(of: next, state: &state, rows: .last)
    guard logits.shape == [histories.count, model.vocabularySize] else {
      throw AttentionError.shape(
        argument: "logits", expected: "[\(histories.count), \(model.vocabularySize)]",
        got: logits.shape)
    }
    let loops = Backend.current.kernels.loops
    try logits.withUnsafeScalars { all in
      guard !loops.isFinite(all) else { return }
      // −∞ is a token that the model rules out.
      if let index = all.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
        throw AttentionError.argument(
          "logits",
          reason: "\(all[index]) for token \(index % model.vocabularySize) of sequence "
            + "\(index / model.vocabularySize) is not finite")
      }
    }
  }

  /// Goes on with these sequences, one for each of `tokens`, which follow them.
  mutating func select(_ sequences: [Int], appending tokens: [Int]) throws {
    try state.select(sequences)
    histories = sequences.map { histories[$0] }
    for (index, token) in tokens.enumerated() { histories[index].ids.append(token) }
    next = PackedTokens(tokens.map { [$0] })
  }

  /// Calls `body` with the logits that follow a sequence.
  func withLogits<Result>(
    of sequence: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    let size = model.vocabularySize
    return try logits.withUnsafeScalars {
      try body(UnsafeBufferPointer(rebasing: $0[sequence * size..<(sequence + 1) * size]))
    }
  }

  /// The error of a sequence in which no token may follow.
  static func noToken(after history: TokenHistory) -> AttentionError {
    .argument(
      "logits",
      reason:
        "all are −∞ after \(history.newIDs.count) new tokens: model and options allow no token")
  }
}
