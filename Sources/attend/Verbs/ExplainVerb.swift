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

      attend explain "The cat sat because it was tired." --token it
      attend explain "The cat sat because it was tired." --layer 5 --head 11
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "The text. One that begins with a dash stands after all options and --.")
  var text: String

  @OptionGroup var model: ModelOption

  @Option(parsing: .unconditional, help: ArgumentHelp("A layer, from 0.", valueName: "number"))
  var layer: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("A head of the layer, from 0.", valueName: "number"))
  var head: Int?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("A word of the text.", valueName: "word"))
  var token: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many heads are listed for a word.", valueName: "count"))
  var top = 10
  @Option(help: "json has the tokens and all weights, [layer][head][query][key].")
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
        let spelled = explanation.words.filter { !explanation.encoding.isSpecial[$0.lowerBound] }
          .map { explanation.spelling(of: $0) }
        let some = spelled.prefix(20).joined(separator: " ") + (spelled.count > 20 ? " …" : "")
        throw Failure.Usage(
          "--token: '\(token)' is not a word of the text"
            + (some.isEmpty ? ", which has none" : ", which has: \(some)"))
      }
      return words
    }
    let report = ExplanationReport(
      explanation: explanation, layer: layer, head: head, limit: top,
      isColored: StandardOutput.isColored, columns: StandardOutput.columns)
    let lines =
      switch (format, words) {
      case (.json, _): [report.json(model: model.model)]
      case (.text, let words?): try report.looks(of: words)
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
