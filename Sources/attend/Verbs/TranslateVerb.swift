import ArgumentParser
import AttentionModels

struct TranslateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translate sentences with an encoder–decoder such as T5.",
    discussion: """
      Texts are arguments, or the lines of a file, or of what is piped in; each line of the result is \
      the translation of one, and empty lines stay empty.

      attend translate "The cat sat on the mat."
      attend translate --model google-t5/t5-small --from en --to de --input lines.txt
      """)

  enum Sentence: PromptKind {
    static let name = "text"
    static let argument = "The texts. Those that begin with a dash stand after all options and --."
    static let file = """
      A file with one text a line; - is standard input, as is no file. In a .jsonl file each line is \
      a JSON string, or an object with a string "text".
      """
  }

  struct Languages: ParsableArguments {
    @Option(help: ArgumentHelp("That of the texts.", valueName: "language"))
    var from = "en"
    @Option(help: ArgumentHelp("That to translate to.", valueName: "language"))
    var to = "fr"
  }

  @OptionGroup(title: "Input") var input: PromptInput<Sentence>
  @OptionGroup(title: "Languages, as the model names them") var languages: Languages
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: WritingOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(standard: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = try offered { try generator.translation(from: languages.from, to: languages.to) }
      try write(
        input,
        TextWriting(
          generator, options: task.options, flags: flags, writing: writing, layout: .lines,
          keepsBlankTexts: true, prompt: task.prompt))
    }
  }
}
