import ArgumentParser

/// The prefix of each text that a model translates or summarizes.
struct PrefixOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Prefix of each text, such as "summarize: " for T5. (default: the prefix in the model's \
      configuration)
      """, valueName: "text"))
  var prefix: String?
}
