import ArgumentParser
import AttentionModels

struct AnswerVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer",
    abstract: "Answer questions from a text, with an encoder–decoder such as T5.",
    discussion: """
      The context is the text that has the answers: --context, or a file, or what is piped in. The \
      model writes each answer; it need not stand in the context word for word. Each line of the \
      result is an answer.

      attend answer --context "The cat sat on the mat." "Where did the cat sit?"
      attend answer --input questions.txt --context-file story.txt
      attend answer "Who is tired?" < story.txt
      """)

  enum Question: PromptKind {
    static let name = "question"
    static let argument =
      "The questions. Those that begin with a dash stand after all options and --."
    static let file = """
      A file with one question a line; - is standard input. In a .jsonl file each line is a JSON \
      string, or an object with a string "text".
      """
  }

  struct Context: ParsableArguments {
    @Option(help: ArgumentHelp("The text that has the answers.", valueName: "text"))
    var context: String?
    @Option(
      help: ArgumentHelp(
        "A file that is this text; - is standard input, as is neither of the two.",
        valueName: "file"))
    var contextFile: String?
  }

  @OptionGroup(title: "Input") var input: PromptInput<Question>
  @OptionGroup(title: "Input") var source: Context
  @OptionGroup(title: "Model") var model: LanguageModelOption
  @OptionGroup(title: "Output") var writing: WritingOptions
  @OptionGroup var flags: GenerationFlags
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  mutating func validate() throws {
    if source.context != nil, source.contextFile != nil {
      throw ValidationError("--context and --context-file exclude each other")
    }
    if input.input == "-", source.context == nil, source.contextFile ?? "-" == "-" {
      throw ValidationError("--input: standard input is where the context comes from")
    }
  }

  func run() throws {
    try input.check(takesStandardInput: false)
    let context = try readContext()
    let directory = try model.directory(standard: .toyT5)
    try compute.run(layerInputs: model.layerInputs) {
      let generator = try model.generator(directory)
      let task = generator.questionAnswering
      try write(
        input,
        TextWriting(
          generator, options: task.options, flags: flags, writing: writing, layout: .lines,
          keepsBlankTexts: true
        ) { task.prompt(TextGenerator.prompt(question: $0, context: context)) })
    }
  }

  private func readContext() throws -> String {
    if let context = source.context { return try checked(context, from: "--context") }
    let path = source.contextFile ?? "-"
    if path != "-" {
      try requireReadable(path)
    } else if StandardInput.isTerminal, source.contextFile == nil {
      throw Failure.Usage("no context: give it with --context or --context-file, or a pipe")
    }
    return try checked(
      wholeText(ofFile: path), from: path == "-" ? "standard input" : path)
  }

  private func checked(_ context: String, from source: String) throws -> String {
    guard !context.allSatisfy(\.isWhitespace) else {
      throw Failure.Usage("\(source): no context")
    }
    return context
  }
}
