import ArgumentParser

/// The form of generated texts.
struct WritingOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, jsonl
  }

  @Option(
    help: """
      jsonl has {"text", "output", "finish_reason", "prompt_tokens", "new_tokens", \
      "prefill_seconds", "decode_seconds", "tokens_per_second", "together"} on each line; the times \
      are those of all "together" texts of a batch.
      """)
  var format = Format.text

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show each token's probability, and the k most probable tokens in its place.", valueName: "k")
  )
  var logprobs: Int?

  @Option(
    help: ArgumentHelp(
      "Longest text in tokens. (default: the model's and the tokenizer's limit)",
      valueName: "count"))
  var maxInputTokens: Int?

  @Flag(help: "Cut the end of a text that is longer than the model reads. (default: refuse it)")
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
