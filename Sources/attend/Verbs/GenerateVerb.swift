import ArgumentParser
import AttentionModels

struct GenerateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continue a text with a language model.",
    discussion: """
      Prompts are arguments, or a file, or what is piped in. What the model adds appears as it is \
      written, on a terminal; several prompts are continued together.

      attend generate "Once upon a time"
      attend generate "Once upon a time" --temperature 0.8 --top-p 0.95 --results 3
      attend generate --model Qwen/Qwen2.5-0.5B --max-tokens 200 < story.txt
      """)

  enum Prompt: PromptKind {
    static let name = "prompt"
    static let argument =
      "The prompts. Those that begin with a dash stand after all options and --."
    static let file = """
      A file that is one prompt; - is standard input, as is no file. In a .jsonl file each line is a \
      JSON string, or an object with a string "text".
      """
  }

  struct Unit: ParsableArguments {
    @Flag(help: "Each line of the file is a prompt of its own.")
    var lines = false
  }

  struct Echo: ParsableArguments {
    @Flag(help: "Show each prompt in front of what continues it.")
    var echo = false
  }

  @OptionGroup(title: "Input") var input: PromptInput<Prompt>
  @OptionGroup(title: "Input") var unit: Unit
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var echo: Echo
  @OptionGroup(title: "Output") var writing: WritingOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(standard: .toyGPT2)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      try write(
        input, isWhole: !unit.lines,
        TextWriting(
          generator, options: generator.options, flags: flags, writing: writing,
          layout: echo.echo ? .continuations : .paragraphs))
    }
  }
}
