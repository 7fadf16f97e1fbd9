import ArgumentParser
import AttentionModels
import DemonstrationModels

struct AnswerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer",
    abstract: "Answer questions from a text.",
    discussion: """
      The context is the text that contains the answers: --context, --context-file, or standard input. \
      An encoder–decoder such as T5 generates each answer in its own words: each line of the result is an answer. \
      An encoder for question answering marks each answer in the context: each line has its score, its range \
      start..<end in the context, in Unicode scalars, and its text.

      attend answer --context "The cat sat on the mat." "Where did the cat sit?"
      attend answer --model toy-answers --answers 3 --context-file story.txt "Who is tired?"
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
  @OptionGroup(title: "Encoders") var extraction: ExtractionOptions
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
    if let type = try? directory.configuration().string("model_type"),
      EncoderModels.isEncoderOnly(type)
    {
      return try compute.run { try extract(from: context, directory) }
    }
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

  private func extract(from context: String, _ directory: ModelDirectory) throws {
    let answerer = try QuestionAnswerer(directory, format: model.model.weights)
    if let toy = DemonstrationModel(directory) {
      var warning = UnknownWordWarning(toy)
      try warning.warn(of: [context])
    }
    var tables = TableWriter()
    try writeResults(of: input, directory) { questions in
      try questions.enumerated().map { index, question in
        do {
          return try answerer.answers(to: question, in: context, options: extraction.options)
        } catch let error as ModelError {
          throw error.withIndex(index)
        }
      }
    } write: { question, answers in
      switch writing.format {
      case .text: try tables.write(extraction.table(answers))
      case .jsonl: try StandardOutput.line(extraction.json(question, answers))
      }
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
