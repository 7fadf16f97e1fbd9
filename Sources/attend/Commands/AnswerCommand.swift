import ArgumentParser
import AttentionModels

struct AnswerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer",
    abstract: "Answer questions from a text, with an encoder–decoder such as T5.",
    discussion: """
      The context is the text that contains the answers: --context, --context-file, or standard input. \
      The model generates each answer in its own words. Each line of the result is an answer.

      attend answer --context "The cat sat on the mat." "Where did the cat sit?"
      attend answer --input questions.txt --context-file story.txt
      attend answer "Who is tired?" < story.txt
      """)

  enum Question: TextKind {
    static let name = "question"
    static let pipeHelp = "(default: standard input, if piped and not used for the context)"
  }

  struct Context: ParsableArguments {
    @Option(help: ArgumentHelp("The text that contains the answers.", valueName: "text"))
    var context: String?
    @Option(
      help: ArgumentHelp(
        "Read the context from this file; - is standard input. (default: -, without --context)",
        valueName: "file"))
    var contextFile: String?

    var isStandardInput: Bool { context == nil && contextFile ?? "-" == "-" }
  }

  @OptionGroup(title: "Input") var input: TextInput<Question>
  @OptionGroup(title: "Input") var source: Context
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: GenerationOutputOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  mutating func validate() throws {
    if source.context != nil, source.contextFile != nil {
      throw ValidationError("expected --context or --context-file, not both")
    }
    if input.input == "-", source.isStandardInput {
      throw ValidationError(
        "--input -: the context is read from standard input; use --context or --context-file")
    }
  }

  func run() throws {
    try input.check(readsStandardInput: !source.isStandardInput)
    let context = try readContext()
    let directory = try model.directory(defaultModel: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = generator.questionAnswering
      try write(
        input, context: context,
        TextGeneration(
          generator, directory, options: task.options, flags: flags, writing: writing,
          layout: .lines, keepsBlankTexts: true
        ) { task.prompt(TextGenerator.prompt(question: $0, context: context)) })
    }
  }

  private func readContext() throws -> String {
    if let context = source.context { return try checked(context, from: "--context") }
    let path = source.contextFile ?? "-"
    if path != "-" {
      try requireReadable(path, flag: "--context-file")
    } else if StandardInput.isTerminal, source.contextFile == nil {
      throw CLIError.Usage("no context: give one with --context or --context-file, or pipe one in")
    }
    return try checked(
      TextFile.text(ofFile: path),
      from: path == "-" ? "standard input" : "\(TypedPath(flag: "--context-file", path: path))")
  }

  private func checked(_ context: String, from source: String) throws -> String {
    guard !context.allSatisfy(\.isWhitespace) else {
      throw CLIError.Usage("\(source): no context")
    }
    return context
  }
}
