import ArgumentParser

/// What is shown of the texts that are written.
struct WritingOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, jsonl
  }

  @Option(
    help: """
      jsonl has {"text", "output", "finish_reason", "prompt_tokens", "new_tokens", \
      "prefill_seconds", "decode_seconds", "tokens_per_second", "together"} on each line; those \
      written together share their times.
      """)
  var format = Format.text

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Show how likely each token was, and so many others in its place.", valueName: "count"))
  var logprobs: Int?

  @Flag(help: "Cut the end of a text that is longer than the model reads, rather than refuse it.")
  var truncate = false

  mutating func validate() throws {
    if let logprobs, !(0...100).contains(logprobs) {
      throw ValidationError("--logprobs: expected 0 to 100, got \(logprobs)")
    }
  }
}
