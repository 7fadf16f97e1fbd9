import ArgumentParser
import Attention
import AttentionModels
import DemonstrationModels

struct RerankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerank",
    abstract: "Sort texts by how well they answer a query, with a cross-encoder.",
    discussion: """
      The model reads the query and each text together: slower and more exact than comparing embeddings. Each \
      line has the score of a text, its number in the input, and the text.

      attend rerank "How do I reset my password?" --input passages.txt --top 3
      attend rerank --model BAAI/bge-reranker-base "QUERY" < passages.txt
      """)

  enum Text: TextKind {
    static let name = "text"
    static let argumentHelp = "The texts to sort. Put -- before a text that starts with a dash."
  }

  struct Output: ParsableArguments {
    @Option(help: ArgumentHelp("Number of texts to print. (default: all)", valueName: "k"))
    var top: Int?

    @Option(help: #"jsonl has {"rank", "index", "score", "text"} on each line."#)
    var format = ReportFormat.text

    func validate() throws {
      if let top, top < 1 { throw ValidationError("--top: expected at least 1, got \(top)") }
    }
  }

  @Argument(help: "The query.")
  var query: String

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: TaskModelOption
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory(defaultModel: .toyRerank)
    var texts: [String] = []
    try input.forEachChunk(of: 1024) { chunk, _ in texts += chunk }
    if let toy = DemonstrationModel(directory) {
      var warning = UnknownWordWarning(toy)
      try warning.warn(of: [query] + texts)
    }
    let ranked = try compute.run {
      let encoder = try CrossEncoder(directory, format: model.weights)
      do {
        return try encoder.rank(texts, for: query, count: output.top)
      } catch let error as ModelError {
        throw error.namingText { input.name(ofText: $0) }
      }
    }
    switch output.format {
    case .text:
      var table = Table([.right, .right, .left])
      let columns = StandardOutput.columns.map { max(16, $0 - 20) } ?? Int.max
      for text in ranked {
        table.row(
          shown(text.score), "\(text.index + 1)", oneLine(texts[text.index], columns: columns))
      }
      for line in table.lines { try StandardOutput.line(line) }
    case .jsonl:
      for (rank, text) in ranked.enumerated() {
        try StandardOutput.line(
          JSONText.object([
            "rank": "\(rank + 1)", "index": "\(text.index)", "score": JSONText.number(text.score),
            "text": JSONText.string(texts[text.index]),
          ]))
      }
    }
  }
}
