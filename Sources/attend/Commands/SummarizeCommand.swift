import ArgumentParser
import AttentionModels

struct SummarizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summarize",
    abstract: "Summarize texts with an encoder–decoder such as T5 or BART.",
    discussion: """
      Each line of the result is the summary of a text.

      attend summarize "Anna is a teacher. She went to the market. She bought a hat."
      attend summarize --model facebook/bart-large-cnn --truncate < article.txt
      """)

  enum Article: TextKind {
    static let name = "text"
    static let isWholeFile = true
  }

  @OptionGroup(title: "Input") var input: TextInput<Article>
  @OptionGroup(title: "Input") var lines: LinesOption
  @OptionGroup(title: "Input") var prefix: PrefixOption
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: GenerationOutputOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = generator.summarization(prefix: prefix.prefix)
      try write(
        input, isWhole: !lines.lines,
        TextGeneration(
          generator, directory, options: task.options, flags: flags, writing: writing,
          layout: .lines, keepsBlankTexts: true, prompt: task.prompt))
    }
  }
}
