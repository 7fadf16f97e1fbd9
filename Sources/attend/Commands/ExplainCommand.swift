import ArgumentParser
import Attention
import AttentionModels

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show which words a model's attention heads attend to in a text.",
    discussion: """
      Without options: the strongest attention from each word to a non-adjacent word. With --token: \
      the heads with the strongest attention from this word to another word. With --layer, or --layer \
      and --head: the attention weights as a matrix. With all three: the attention from one word in \
      one head.

      attend explain "The cat sat because it was tired." --token it
      attend explain "The cat sat on the mat." --token the --occurrence 2
      attend explain "The cat sat because it was tired." --layer 5 --head 11
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  enum Text: TextKind {
    static let name = "text"
    static let isWholeFile = true
    static let argumentHelp = "The text, in quotes. Put -- before a text that starts with a dash."
  }

  /// The attention weights to show.
  struct Selection: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Layer, from 0.", valueName: "number"))
    var layer: Int?
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Head of the layer, from 0.", valueName: "number"))
    var head: Int?
    @Option(
      parsing: .unconditional, help: ArgumentHelp("Word of the text.", valueName: "word"))
    var token: String?
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Occurrence of the word --token in the text, from 1. (default: all)",
        valueName: "number"))
    var occurrence: Int?
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Maximum number of heads to list for a word.", valueName: "count"))
    var top = 10

    mutating func validate() throws {
      if head != nil, layer == nil { throw ValidationError("--head needs --layer") }
      if occurrence != nil, token == nil { throw ValidationError("--occurrence needs --token") }
      if let occurrence, occurrence < 1 {
        throw ValidationError("--occurrence: expected at least 1, got \(occurrence)")
      }
      if top < 1 { throw ValidationError("--top: expected at least 1, got \(top)") }
    }
  }

  struct Output: ParsableArguments {
    @Option(help: "json has the tokens and all weights, [layer][head][query][key].")
    var format = Format.text
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: EncoderOption
  @OptionGroup(title: "Selection") var selection: Selection
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let text = try input.onlyText()
    let directory = try model.directory()
    let explanation = try compute.run {
      let explainer = try AttentionExplainer(directory, format: model.weights)
      let encoder = explainer.encoder
      try check(selection.layer, below: encoder.layerCount, "--layer", "layers")
      try check(selection.head, below: encoder.headCount, "--head", "heads")
      do {
        return try explainer.explain(text)
      } catch let error as ModelError {
        throw error.namingText { input.name(ofText: $0) }
      }
    }
    let words = try selection.token.map {
      try WordOccurrence.all(of: $0, number: selection.occurrence, in: explanation)
    }
    let report = ExplanationReport(
      explanation: explanation, layer: selection.layer, head: selection.head,
      limit: selection.top, isColored: StandardOutput.isColored, columns: StandardOutput.columns)
    let lines =
      switch (output.format, words) {
      case (.json, _): [report.json(model: model.name)]
      case (.text, let words?): try report.looks(of: words)
      case (.text, nil) where selection.layer != nil: try report.matrix()
      case (.text, nil): try report.overview()
      }
    for line in lines { try StandardOutput.line(line) }
  }

  private func check(_ index: Int?, below count: Int, _ flag: String, _ things: String) throws {
    guard let index, !(0..<count).contains(index) else { return }
    throw CLIError.Usage(
      "\(flag): \(index) is out of range: the model has \(count) \(things), counted from 0")
  }
}
