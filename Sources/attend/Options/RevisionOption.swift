import ArgumentParser

/// The revision of a model in Hugging Face's cache.
struct RevisionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Branch, tag or commit of a model in Hugging Face's cache. (default: main)",
      valueName: "revision"))
  var revision: String?
}
