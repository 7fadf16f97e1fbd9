import ArgumentParser
import AttentionModels

struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translate texts with an encoder–decoder such as T5.",
    discussion: """
      Each line of the result is the translation of a text; empty lines remain empty.

      attend translate "The cat sat on the mat."
      attend translate --model google-t5/t5-small --from en --to de --input lines.txt
      """)

  enum Sentence: TextKind {
    static let name = "text"
  }

  struct Languages: ParsableArguments {
    @Option(help: ArgumentHelp("The language of the texts.", valueName: "language"))
    var from = "en"
    @Option(help: ArgumentHelp("The language of the translations.", valueName: "language"))
    var to = "fr"
  }

  @OptionGroup(title: "Input") var input: TextInput<Sentence>
  @OptionGroup(title: "Input") var prefix: PrefixOption
  @OptionGroup(title: "Languages, as the model names them") var languages: Languages
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: GenerationOutputOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = try offered {
        try generator.translation(
          from: languages.from, to: languages.to, prefix: prefix.prefix)
      }
      try write(
        input,
        TextGeneration(
          generator, directory, options: task.options, flags: flags, writing: writing,
          layout: .lines, keepsBlankTexts: true, prompt: task.prompt))
    }
  }
}
