import ArgumentParser
import Attention
import AttentionModels

struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Find names and other marked parts in texts, with their places.",
    discussion: """
      Each line has the label of an entity, its score, its range start..<end in the text, in Unicode scalars, \
      and its text. A text that is longer than the model is read in overlapping windows.

      attend tag "Ada Lovelace was born in London."
      attend tag --aggregation first --input news.txt --format jsonl > entities.jsonl
      """)

  enum Text: TextKind {
    static let name = "text"
  }

  struct Output: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        How tokens become entities: none is each token; simple joins neighbors of one label; first, average and \
        max also give all tokens of a word one label.
        """, valueName: "strategy"))
    var aggregation = EntityAggregation.simple

    @Option(
      help: ArgumentHelp(
        "Number of tokens that two windows of a long text share.", valueName: "tokens"))
    var overlap = 64

    @Option(
      help:
        #"jsonl has {"text", "entities": [{"label", "score", "start", "end", "text"}]} on each line."#
    )
    var format = ReportFormat.text

    func validate() throws {
      if overlap < 0 {
        throw ValidationError("--overlap: expected at least 0, got \(overlap)")
      }
    }
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: TaskModelOption
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyNames)
    try compute.run {
      let tagger = try EntityTagger(directory, format: model.weights)
      var tables = TableWriter()
      try writeResults(of: input, directory) { texts in
        try tagger.entities(in: texts, aggregation: output.aggregation, overlap: output.overlap)
      } write: { text, entities in
        switch output.format {
        case .text: try tables.write(table(entities))
        case .jsonl: try StandardOutput.line(json(text, entities))
        }
      }
    }
  }

  private func table(_ entities: [Entity]) -> Table {
    var table = Table([.left, .right, .left, .left])
    if entities.isEmpty { table.row("no entities") }
    for entity in entities {
      table.row(
        printable(entity.label), shown(entity.score),
        "\(entity.range.lowerBound)..<\(entity.range.upperBound)",
        oneLine(entity.text, columns: 60))
    }
    return table
  }

  private func json(_ text: String, _ entities: [Entity]) -> String {
    JSONText.object([
      "text": JSONText.string(text),
      "entities": JSONText.array(
        entities.map {
          JSONText.object([
            "label": JSONText.string($0.label), "score": JSONText.number($0.score),
            "start": "\($0.range.lowerBound)", "end": "\($0.range.upperBound)",
            "text": JSONText.string($0.text),
          ])
        }),
    ])
  }
}

extension EntityAggregation: ExpressibleByArgument {}
