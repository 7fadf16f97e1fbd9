import ArgumentParser
import AttentionModels

struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translate texts with an encoder–decoder such as OPUS-MT, NLLB, mBART or T5.",
    discussion: """
      Each line of the result is the translation of a text; empty lines remain empty.

      A language is a code of ISO 639 such as fr or fra, with a script or region if needed (zh-Hant), \
      or the model's own code such as fra_Latn. An error for an unknown language lists the model's. A \
      model for one pair of languages needs neither --from nor --to.

      attend translate "The cat sat on the mat."
      attend translate --model Helsinki-NLP/opus-mt-en-fr --input lines.txt
      attend translate --model facebook/nllb-200-distilled-600M --from en --to fr --input lines.txt
      """)

  enum Sentence: TextKind {
    static let name = "text"
  }

  struct Languages: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The language of the texts. (default: the model's)", valueName: "language"))
    var from: String?
    @Option(
      help: ArgumentHelp(
        "The language of the translations. (default: the model's)", valueName: "language"))
    var to: String?
  }

  @OptionGroup(title: "Input") var input: TextInput<Sentence>
  @OptionGroup(title: "Input") var prefix: PrefixOption
  @OptionGroup(title: "Languages") var languages: Languages
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: GenerationOutputOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = try task(of: generator)
      try write(
        input,
        TextGeneration(
          generator.prepared(for: task), directory, options: task.options, flags: flags,
          writing: writing,
          layout: .lines, keepsBlankTexts: true, prompt: task.prompt))
    }
  }

  /// The task; an error about a language names its flag.
  ///
  /// - Throws: `CLIError.Usage` for a language or a pair that the model does not have.
  private func task(of generator: TextGenerator) throws -> TextTask {
    do {
      return try generator.translation(
        from: languages.from, to: languages.to, prefix: prefix.prefix)
    } catch ModelError.unsupported(let path, var what, let supported) {
      for (flag, words) in [("--from", "source language"), ("--to", "target language")] {
        if what.hasPrefix(words) { what = "\(flag): \(what)" }
        if what.hasSuffix("without a \(words)") { what += " (\(flag))" }
      }
      throw CLIError.Usage(ModelError.unsupported(path: path, what: what, supported: supported))
    }
  }
}
