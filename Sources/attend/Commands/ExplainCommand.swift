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
      one head. With --output: a page for a browser, or a figure.

      The model is an encoder (BERT), a decoder (GPT-2, Llama) or an encoder–decoder (T5, Marian). An \
      encoder–decoder reads the text, and generates another; --attention cross shows which words of the \
      text the generated words come from.

      attend explain "The cat sat because it was tired." --token it
      attend explain "The cat sat on the mat." --token the:2
      attend explain "The cat sat because it was tired." --layer 5 --head 11
      attend explain "The cat sat because it was tired." --output page.html
      attend explain --model toy-gpt2 "The cat sat on the mat."
      attend explain --model toy-t5 "The cat sat on the mat." --attention cross
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  enum Text: TextKind {
    static let name = "text"
    static let isWholeFile = true
    static let argumentHelp = "The text, in quotes. Put -- before a text that starts with a dash."
  }

  /// The other text of the model.
  struct OtherText: ParsableArguments {
    @Option(help: ArgumentHelp("Second text of a pair, for an encoder.", valueName: "text"))
    var pair: String?
    @Option(
      help: ArgumentHelp(
        "Text that an encoder–decoder generates. (default: the most probable text)",
        valueName: "text"))
    var target: String?
    @Option(
      help: ArgumentHelp(
        "Task of an encoder–decoder, whose prefix precedes the text. (default: translation, else the model's first)",
        valueName: "name"))
    var task: String?
  }

  struct Output: ParsableArguments {
    @Option(help: "json has the tokens and all weights, [layer][head][query][key].")
    var format = Format.text
    @Option(
      help: ArgumentHelp(
        """
        Write a page for a browser (.html), which shows all heads and needs no network, or a figure of \
        --layer and --head (.svg).
        """, valueName: "file"))
    var output: String?
    @Option(
      help: """
        The figure: a matrix, arcs between two columns of tokens, arcs above the sentence, or a small matrix for each \
        head. (default: matrix)
        """)
    var figure: FigureStyle?
    @Option(help: "The figure's colors: dark is for dark pages. (default: light)")
    var theme: AttentionFigure.Theme?

    var isFigure: Bool { output?.lowercased().hasSuffix(".svg") == true }
    var isPage: Bool { output?.lowercased().hasSuffix(".html") == true }

    mutating func validate() throws {
      if let output, !isFigure, !isPage {
        throw ValidationError(
          "--output: expected a file that ends in .html or .svg, got '\(printable(output))'")
      }
      if !isFigure, figure != nil || theme != nil {
        throw ValidationError("--\(figure == nil ? "theme" : "figure") needs --output FILE.svg")
      }
      if format == .json, output != nil {
        throw ValidationError("--format json is for standard output, without --output")
      }
    }
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Input") var other: OtherText
  @OptionGroup(title: "Model") var model: EncoderOption
  @OptionGroup(title: "Selection") var selection: ExplainSelection
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  mutating func validate() throws {
    if output.isFigure, selection.layer == nil, output.figure != .heads {
      throw ValidationError(
        "--output FILE.svg needs --layer, and --head or the mean over all heads, or --figure heads")
    }
  }

  func run() throws {
    try input.check()
    let text = try input.onlyText()
    let file = try output.output.map { try openOutput($0, flag: "--output") }
    let directory = try model.directory()
    let explanation = try compute.run { try explain(text, directory) }
    let map = try selection.map(of: explanation)
    let words = try selection.token.map {
      try WordOccurrence.all(of: $0, number: selection.occurrence, in: map.queries)
    }
    if let file {
      try file.write(Array(contents(explanation, map, words ?? []).utf8))
      try OutputFile.commit([file])
      return
    }
    let report = ExplanationReport(
      map: map, layer: selection.layer, head: selection.head,
      limit: selection.top, columns: StandardOutput.columns)
    let lines =
      switch (output.format, words) {
      case (.json, _): [report.json(model: model.name)]
      case (.text, let words?): try report.looks(of: words)
      case (.text, nil) where selection.layer != nil: try report.matrix()
      case (.text, nil): try report.overview()
      }
    for line in lines { try StandardOutput.line(line) }
  }

  private func explain(
    _ text: String, _ directory: ModelDirectory
  ) throws -> AttentionExplanation {
    let explainer = try AttentionExplainer(directory, format: model.weights)
    var options = ExplanationOptions()
    options.includesSteps = output.isPage
    do {
      options.task = try other.task.map { try explainer.task($0) }
      return try explainer.explain(
        text, pair: other.pair, output: other.target, options: options)
    } catch let error as ModelError {
      throw error.namingText { input.name(ofText: $0) }
    } catch AttentionError.argument(let name, let reason) where ["pair", "output"].contains(name) {
      throw CLIError.Usage("--\(name == "output" ? "target" : name): \(reason)")
    }
  }

  /// The page or the figure.
  private func contents(
    _ explanation: AttentionExplanation, _ map: AttentionMap, _ words: [WordOccurrence]
  ) throws -> String {
    guard output.isFigure else {
      let head = selection.layer.map { ($0, selection.head ?? 0) }
      return try AttentionPage(explanation, title: model.name, head: head).html
    }
    let theme = output.theme ?? .light
    guard let layer = selection.layer, let style = (output.figure ?? .matrix).ofOneHead else {
      return AttentionFigure(headsOf: map, theme: theme).svg
    }
    do {
      return try AttentionFigure(
        map, layer: layer, head: selection.head, style: style,
        emphasizing: words.map(\.word), theme: theme
      ).svg
    } catch AttentionError.argument("style", let reason) {
      throw CLIError.Usage("--figure: \(reason)")
    }
  }
}

/// What `--output FILE.svg` draws.
enum FigureStyle: String, ExpressibleByArgument, CaseIterable {
  case matrix, arcs, sentence, heads

  /// How the weights of one head are drawn; nil for the figure of all heads.
  var ofOneHead: AttentionFigure.Style? { AttentionFigure.Style(rawValue: rawValue) }
}

extension AttentionFigure.Theme: ExpressibleByArgument {}
