import ArgumentParser
import Attention
import AttentionModels

struct ExplainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a model's attention heads look at in a text.",
    discussion: """
      Without options: each word's hardest look beyond its neighbours. With --token: the heads in which \
      that word looks hardest, and where. With --layer, or --layer and --head: who looks at whom, as \
      a matrix. With all three: where one head of one word looks.

      attend explain "The cat sat on the mat because it was tired." --token it
      attend explain "The cat sat on the mat because it was tired." --layer 5 --head 11
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "The text.")
  var text: String

  @OptionGroup var model: ModelOption

  @Option(help: "A layer, from 0.")
  var layer: Int?
  @Option(help: "A head of the layer, from 0.")
  var head: Int?
  @Option(help: ArgumentHelp("A word of the text.", valueName: "word"))
  var token: String?
  @Option(help: "How many heads are listed.")
  var top = 10
  @Option(help: "text, or json with the tokens and all weights [layer][head][query][key].")
  var format = Format.text

  @OptionGroup var compute: ComputeOptions

  mutating func validate() throws {
    if head != nil, layer == nil { throw ValidationError("--head needs --layer") }
    if top < 1 { throw ValidationError("--top: expected at least 1, got \(top)") }
  }

  func run() throws {
    let directory = try model.directory()
    let explanation = try compute.run {
      let explainer = try AttentionExplainer(directory)
      let sizes = explainer.encoder.configuration
      try check(layer, below: sizes.layerCount, "--layer", "layers")
      try check(head, below: sizes.headCount, "--head", "heads")
      return try explainer.explain(text)
    }
    let words = try token.map { token in
      let words = explanation.occurrences(of: token)
      guard !words.isEmpty else {
        let spelled = explanation.words.map { explanation.spelling(of: $0) }
        throw Failure.Usage(
          "--token: '\(token)' is not a word of the text, which has \(spelled.joined(separator: " "))"
        )
      }
      return words
    }
    let report = ExplanationReport(
      explanation: explanation, layer: layer, head: head, limit: top,
      isColored: StandardOutput.isColored)
    let lines =
      switch (format, words) {
      case (.json, _): [report.json(model: model.model)]
      case (.text, let words?): try words.flatMap(report.looks)
      case (.text, nil) where layer != nil: try report.matrix()
      case (.text, nil): try report.overview()
      }
    for line in lines { try StandardOutput.line(line) }
  }

  private func check(_ index: Int?, below count: Int, _ flag: String, _ things: String) throws {
    guard let index, !(0..<count).contains(index) else { return }
    throw Failure.Usage(
      "\(flag): \(index) is out of range: the model has \(count) \(things), counted from 0")
  }
}
