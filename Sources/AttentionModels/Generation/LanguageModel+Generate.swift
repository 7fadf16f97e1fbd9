import Attention

extension LanguageModel {
  /// The tokens that the model adds to each prompt.
  ///
  /// - Parameters:
  ///   - prompts: the tokens of each prompt, at least one per prompt.
  ///   - options: how tokens are chosen, and when texts end; stop strings need a ``TextGenerator``.
  /// - Returns: for each prompt, ``GenerationOptions/resultCount`` continuations; a beam search returns
  ///   fewer if the vocabulary has too few tokens.
  /// - Throws: `AttentionError.argument` for invalid options, and naming "logits" if they are not finite
  ///   or rule out every token; ``ModelError/text(_:index:reason:)`` for a prompt that is empty or
  ///   "longer than" the limit; `CancellationError` in a task that has been cancelled;
  ///   `AttentionError.memory`.
  public func generate(
    _ prompts: [[Int]], options: GenerationOptions
  ) throws -> [[GeneratedTokens]] {
    let plan = try DecodingPlan(options, model: self)
    guard options.stopStrings.isEmpty else {
      throw AttentionError.argument(
        "stopStrings", reason: "need a tokenizer: use a TextGenerator")
    }
    return try generate(prompts, plan).map { texts in
      texts.map {
        GeneratedTokens(tokens: $0.tokens, finishReason: $0.finishReason, score: $0.score)
      }
    }
  }

  /// The texts that the model adds to each prompt, in order.
  ///
  /// - Throws: as ``generate(_:options:)``.
  func generate(_ prompts: [[Int]], _ plan: DecodingPlan) throws -> [[GeneratedText]] {
    var texts: [[GeneratedText]] = Array(repeating: [], count: prompts.count)
    var loop = DecodingLoop(self)
    var admitted = 0
    while admitted < prompts.count || !loop.isEmpty {
      // New prompts join when half of the batch is free, so that an encoder reads its weights for several
      // prompts at once, and keys and values move less often.
      if admitted < prompts.count, loop.sequenceCount <= sequenceLimit / 2 {
        let free = (sequenceLimit - loop.sequenceCount) / plan.sequencesPerPrompt
        let next = admitted..<min(admitted + max(1, free), prompts.count)
        do {
          try loop.admit(Array(prompts[next]), plan)
        } catch let error as ModelError {
          throw error.shiftingIndex(by: next.lowerBound)
        }
        admitted = next.upperBound
      }
      for event in try loop.step() {
        switch event {
        case .failure(_, let error): throw error
        case .update(let prompt, let update):
          if update.result == texts[prompt].count {
            texts[prompt].append(GeneratedText(promptTokenCount: prompts[prompt].count))
          }
          texts[prompt][update.result].append(update)
        }
      }
    }
    return texts
  }

  /// The maximum number of sequences that are decoded together. With more, reading the weights no longer
  /// dominates the time, and keys and values take more memory.
  private var sequenceLimit: Int { 64 }
}
