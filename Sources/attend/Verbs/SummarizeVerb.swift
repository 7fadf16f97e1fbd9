import ArgumentParser
import AttentionModels

struct SummarizeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summarize",
    abstract: "Say briefly what a text says, with an encoder–decoder such as T5 or BART.",
    discussion: """
      Texts are arguments, or a file, or what is piped in: all of it is one text, unless each line is \
      said to be one. Each line of the result is a summary.

      attend summarize "Anna is a teacher. She went to the market. She bought a hat."
      attend summarize --model facebook/bart-large-cnn --truncate < article.txt
      """)

  enum Article: PromptKind {
    static let name = "text"
    static let argument = "The texts. Those that begin with a dash stand after all options and --."
    static let file = """
      A file that is one text; - is standard input, as is no file. In a .jsonl file each line is a \
      JSON string, or an object with a string "text".
      """
  }

  struct Unit: ParsableArguments {
    @Flag(help: "Each line of the file is a text of its own.")
    var lines = false
  }

  @OptionGroup(title: "Input") var input: PromptInput<Article>
  @OptionGroup(title: "Input") var unit: Unit
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: WritingOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(standard: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = try offered { try generator.summarization() }
      try write(
        input, isWhole: !unit.lines,
        TextWriting(
          generator, options: task.options, flags: flags, writing: writing, layout: .lines,
          keepsBlankTexts: true, prompt: task.prompt))
    }
  }
}
