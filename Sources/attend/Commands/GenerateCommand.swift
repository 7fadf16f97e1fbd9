import ArgumentParser
import AttentionModels

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continue a text with a language model.",
    discussion: """
      Prints the continuation of each prompt: token by token for a single prompt on a terminal, \
      otherwise batch by batch.

      attend generate "Once upon a time"
      attend generate "Once upon a time" --temperature 0.8 --top-p 0.95 --results 3
      attend generate --model Qwen/Qwen2.5-0.5B --max-tokens 200 < story.txt
      """)

  enum Prompt: TextKind {
    static let name = "prompt"
    static let isWholeFile = true
  }

  struct Echo: ParsableArguments {
    @Flag(help: "Print each prompt before its continuation.")
    var echo = false
  }

  @OptionGroup(title: "Input") var input: TextInput<Prompt>
  @OptionGroup(title: "Input") var lines: LinesOption
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var echo: Echo
  @OptionGroup(title: "Output") var writing: GenerationOutputOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyGPT2)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      try write(
        input, isWhole: !lines.lines,
        TextGeneration(
          generator, directory, options: generator.options, flags: flags, writing: writing,
          layout: echo.echo ? .continuations : .paragraphs))
    }
  }
}
