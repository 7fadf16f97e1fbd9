import ArgumentParser

/// Output options of the commands that generate text.
struct GenerationOutputOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, jsonl
  }

  @Option(
    help: """
      jsonl has {"text", "output", "finish_reason", "prompt_tokens", "new_tokens", \
      "prefill_seconds", "decode_seconds", "tokens_per_second", "batch_size"} on each line; the times \
      and the speed are for the whole batch.
      """)
  var format = Format.text

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show the probability of each token and of the k most probable tokens.", valueName: "k")
  )
  var logprobs: Int?

  @Option(
    help: ArgumentHelp(
      "Maximum number of input tokens. (default: the limit of the model and the tokenizer)",
      valueName: "count"))
  var maxInputTokens: Int?

  @Flag(help: "Truncate a text that is too long for the model. (default: report an error)")
  var truncate = false

  @OptionGroup var specialTokens: SpecialTokensOption

  mutating func validate() throws {
    if let logprobs, !(0...100).contains(logprobs) {
      throw ValidationError("--logprobs: expected 0 to 100, got \(logprobs)")
    }
    if let maxInputTokens, maxInputTokens < 1 {
      throw ValidationError("--max-input-tokens: expected at least 1, got \(maxInputTokens)")
    }
  }
}
