import ArgumentParser
import Attention
import AttentionModels

struct FillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill",
    abstract: "Predict the masked words of a text.",
    discussion: """
      The mask is [MASK] or <mask>, as the model writes it. Each line has the probability of a token and the \
      text with this token.

      attend fill "Paris is the [MASK] of France."
      attend fill --targets blue,green "The sky is [MASK]."
      """)

  enum Text: TextKind {
    static let name = "text"
  }

  struct Output: ParsableArguments {
    @Option(help: ArgumentHelp("Number of predictions for each mask.", valueName: "k"))
    var top = 5

    @Option(
      help: ArgumentHelp(
        "Compare only these tokens, separated by commas. (default: all)", valueName: "tokens"))
    var targets: String?

    @Option(
      help: #"jsonl has {"text", "masks": [[{"token", "id", "score", "text"}]]} on each line."#)
    var format = ReportFormat.text

    var targetList: [String]? { targets?.split(separator: ",").map(String.init) }

    func validate() throws {
      if top < 1 { throw ValidationError("--top: expected at least 1, got \(top)") }
      if targetList?.isEmpty ?? false {
        throw ValidationError("--targets: expected at least one token")
      }
    }
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: TaskModelOption
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyFill)
    try compute.run {
      let filler = try MaskFiller(directory, format: model.weights)
      var tables = TableWriter()
      try writeResults(of: input, directory) { texts in
        try texts.enumerated().map { index, text in
          do {
            return try filler.predictions(
              for: text, count: output.top, among: output.targetList)
          } catch let error as ModelError {
            throw error.withIndex(index)
          }
        }
      } write: { text, masks in
        switch output.format {
        case .text: for mask in masks { try tables.write(table(mask)) }
        case .jsonl: try StandardOutput.line(json(text, masks))
        }
      }
    }
  }

  private func table(_ predictions: [MaskPrediction]) -> Table {
    var table = Table([.right, .left, .left])
    let columns = StandardOutput.columns.map { max(16, $0 - 32) } ?? Int.max
    for prediction in predictions {
      table.row(
        shown(prediction.score), oneLine(prediction.token, columns: 20),
        oneLine(prediction.text, columns: columns))
    }
    return table
  }

  private func json(_ text: String, _ masks: [[MaskPrediction]]) -> String {
    JSONText.object([
      "text": JSONText.string(text),
      "masks": JSONText.array(
        masks.map { mask in
          JSONText.array(
            mask.map {
              JSONText.object([
                "token": JSONText.string($0.token), "id": "\($0.id)",
                "score": JSONText.number($0.score), "text": JSONText.string($0.text),
              ])
            })
        }),
    ])
  }
}
