import ArgumentParser
import Attention

struct ExampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "example",
    abstract: "Compute self-attention for a short sentence, step by step.",
    discussion: """
      Every step of softmax(QKᵀ/√dk)V: Q = X W_Q, K = X W_K, V = X W_V; the scores QKᵀ; the scaling by \
      1/√dk; the softmax; the weighted sum of the values. The library computes the numbers, and then \
      computes the result again with each backend. Without a sentence: seven words with two features, \
      to be checked by hand. The embeddings and matrices of other sentences are multiples of 0.1, \
      random, but the same in every run.

      --matrices reads a JSON object of at most 12 tokens and 8 features; a matrix is an array of rows:
        {"tokens": ["a", "b"], "queries": [[1, 0], [0, 1]],
         "keys": [[1, 0], [0, 1]], "values": [[1, 2], [3, 4]]}
      Instead of queries, keys and values, it can have embeddings [token, feature] and W_Q, W_K, W_V \
      [feature, column]. W_O [column of the values, feature] is optional.

      attend example
      attend example "The sun was shining." --heads 2
      attend example --causal --step
      attend example --without-scale
      attend example --matrices matrices.json
      attend example --output lesson.html
      """)

  enum Sentence: TextKind {
    static let name = "sentence"
    static let isWholeFile = true
    static let argumentHelp = """
      At most 12 words and punctuation marks, in quotes. Put -- before a sentence that starts with a dash. \
      (default: "The cat sat on the mat.")
      """
    static let pipeHelp = "A pipe is read only with --input -."
  }

  struct Numbers: ParsableArguments {
    @Option(
      help: ArgumentHelp("Read tokens and matrices from this JSON file.", valueName: "file"))
    var matrices: String?

    var file: TypedPath? { matrices.map { TypedPath(flag: "--matrices", path: $0) } }
  }

  struct Steps: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Number of heads: split q, k and v, attend, concatenate, multiply by W_O.",
        valueName: "count"))
    var heads = 1
    @Flag(help: "Causal mask: a word does not attend to later words.")
    var causal = false
    @Flag(
      help: """
        Do not scale the scores by 1/√dk, and show how the softmax saturates and its gradient vanishes \
        for a large dk.
        """)
    var withoutScale = false
    @Flag(help: "Wait for Enter before the next step, if standard input is a terminal.")
    var step = false

    mutating func validate() throws {
      if heads < 1 { throw ValidationError("--heads: expected at least 1, got \(heads)") }
    }
  }

  struct Output: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Write the lesson as a page for a browser (.html), which needs no network.",
        valueName: "file"))
    var output: String?

    mutating func validate() throws {
      if let output, !output.lowercased().hasSuffix(".html") {
        throw ValidationError(
          "--output: expected a file that ends in .html, got '\(printable(output))'")
      }
    }
  }

  @OptionGroup(title: "Input") var sentence: TextInput<Sentence>
  @OptionGroup(title: "Numbers") var numbers: Numbers
  @OptionGroup(title: "Steps") var steps: Steps
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  mutating func validate() throws {
    if numbers.matrices != nil, hasSentence {
      throw ValidationError("expected a sentence or --matrices, not both")
    }
    if steps.step, output.output != nil {
      throw ValidationError("--step is for standard output, without --output")
    }
  }

  private var hasSentence: Bool { !sentence.texts.isEmpty || sentence.input != nil }

  func run() throws {
    if hasSentence { try sentence.check() }
    try numbers.file?.requireReadable()
    let file = try output.output.map { try openOutput($0, flag: "--output") }
    try compute.run {
      let (input, source) = try input()
      try input.check(headCount: steps.heads)
      let options = LessonOptions(
        headCount: steps.heads, isCausal: steps.causal, isScaled: !steps.withoutScale)
      let lesson = Lesson(
        attention: try LessonAttention(input, options), source: source)
      if let file {
        try file.write(Array(LessonPage(lesson).html.utf8))
        try OutputFile.commit([file])
      } else {
        try print(lesson)
      }
    }
  }

  private func print(_ lesson: Lesson) throws {
    for line in lesson.title { try StandardOutput.line(line) }
    for (index, step) in try lesson.steps().enumerated() {
      if steps.step, index > 0 { try StepPause.wait() }
      try StandardOutput.line()
      for (position, line) in try step.lines().enumerated() {
        try StandardOutput.line(position == 0 ? "\(index + 1). \(line)" : line)
      }
    }
  }

  private func input() throws -> (LessonInput, Lesson.Source) {
    if let file = numbers.file {
      return (try file.read { try LessonFile(path: $0).input() }, .file)
    }
    let text = hasSentence ? try sentence.onlyText() : LessonInput.classicSentence
    guard text != LessonInput.classicSentence else {
      return (try .theCat(hasOutputWeight: steps.heads > 1), .classic)
    }
    return (
      try LessonInput(sentence: text, named: "sentence", headCount: steps.heads), .sentence
    )
  }
}
