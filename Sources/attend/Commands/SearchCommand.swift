import ArgumentParser
import Attention
import AttentionModels
import AttentionSearch

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find the passages that fit a query best, in an index or in a file.",
    discussion: """
      The first argument is the folder of an index, which `attend index` creates; the others are queries. With \
      --input, all arguments are queries, and the lines of the file are searched without an index. The score is \
      the similarity of the embeddings, or the score of the --rerank model.

      attend search notes.index "How do I reset my password?"
      attend search notes.index --top 3 --rerank cross-encoder/ms-marco-MiniLM-L6-v2 "password"
      attend search notes.index --queries questions.txt --format jsonl
      attend search --input sentences.txt "a cat on a mat"
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, jsonl
  }

  struct Input: ParsableArguments {
    @Argument(
      help: ArgumentHelp(
        "The folder of the index, and the queries. Put -- before a query that starts with a dash.",
        valueName: "index-and-queries"))
    var words: [String] = []

    @Option(
      help: ArgumentHelp(
        """
        Search the lines of this file, without an index; in a .jsonl file, lines as for index. May be repeated.
        """, valueName: "file"))
    var input: [String] = []

    @Option(
      help: ArgumentHelp(
        "Read one query per line from this file; - is standard input. (default: standard input, if piped)",
        valueName: "file"))
    var queries: String?
  }

  struct Output: ParsableArguments {
    @Option(help: ArgumentHelp("Number of results for each query.", valueName: "count"))
    var top = 10

    @Option(
      help: ArgumentHelp(
        "Sort the best \(SearchCommand.rerankedFactor) · top results by the score of this cross-encoder.",
        valueName: "folder-or-name"))
    var rerank: String?

    @Option(
      help: ArgumentHelp(
        """
        text shows the passages, with the sentence that fits best in bold; jsonl has {"query", "rank", \
        "score", "document", "range", "text", "before", "after", "metadata"} on each line. (default: text)
        """, valueName: "format"))
    var format = Format.text

    func validate() throws {
      if top < 1 { throw ValidationError("--top \(top): expected at least 1") }
    }
  }

  /// The reranked results, as a multiple of the results.
  static let rerankedFactor = 5

  @OptionGroup(title: "Input") var input: Input
  @OptionGroup(title: "Model") var model: SearchModelOption
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  mutating func validate() throws {
    if input.input.isEmpty, input.words.isEmpty {
      throw ValidationError("expected the folder of an index and a query, or --input and a query")
    }
    if !queryWords.isEmpty, input.queries != nil {
      throw ValidationError("expected a query as an argument or --queries, not both")
    }
    if input.queries == "-", input.input.contains("-") {
      throw ValidationError("--queries - and --input -: standard input can be read only once")
    }
  }

  /// The queries among the arguments.
  private var queryWords: [String] {
    input.input.isEmpty ? Array(input.words.dropFirst()) : input.words
  }

  func run() throws {
    if queryWords.isEmpty {
      if let path = input.queries, path != "-" { try requireReadable(path, flag: "--queries") }
      if input.queries == nil, StandardInput.isTerminal || input.input.contains("-") {
        throw CLIError.Usage(
          "no query: give one as an argument, or a file with --queries, or pipe one in")
      }
    }
    let reranker = try output.rerank.map { try ModelOption.directory(named: $0) }
    try compute.run {
      let source = try SearchErrors.asUsage { try openSource() }
      let encoder = try reranker.map { try CrossEncoder($0) }
      var report = SearchReport(
        columns: StandardOutput.columns ?? 80, isColored: StandardOutput.isColored)
      try forEachQuery { queries in
        let found = try source.search(queries, resultCount(isReranked: encoder != nil))
        for (query, results) in zip(queries, found) {
          var results = results
          if let encoder { results = try encoder.rerank(results, query: query) }
          results = Array(results.prefix(output.top))
          switch output.format {
          case .jsonl:
            for (index, result) in results.enumerated() {
              try StandardOutput.line(Self.json(query, rank: index + 1, result))
            }
          case .text:
            let sentences = try source.model.bestSentences(in: results.map(\.text), for: query)
            for line in report.lines(query: query, results, sentences) {
              try StandardOutput.line(line)
            }
          }
        }
      }
    }
  }

  private func resultCount(isReranked: Bool) -> Int {
    let (count, overflow) = output.top.multipliedReportingOverflow(by: Self.rerankedFactor)
    return isReranked ? (overflow ? .max : count) : output.top
  }

  /// What is searched: an index, or the documents in files.
  private struct Source {
    let model: SearchModel
    let search: ([String], Int) throws -> [[SearchResult]]
  }

  private func openSource() throws -> Source {
    guard !input.input.isEmpty else {
      let path = input.words[0]
      let settings = try SearchIndex.settings(path: path)
      let model = try model.load(model.directory(of: settings.modelName))
      let index = try SearchIndex(path: path, model: model)
      return Source(model: model) { try index.search($0, top: $1) as [[SearchResult]] }
    }
    var input = try DocumentInput(input.input, isWhole: false)
    let model = try model.load(model.directory())
    var documents: [SearchDocument] = []
    try input.forEachChunk(of: 4_096) { chunk, _ in documents += chunk }
    let index = try InMemoryIndex(documents, model: model)
    return Source(model: model) { try index.search($0, top: $1) as [[SearchResult]] }
  }

  /// The number of queries that are embedded at a time.
  private static let queryChunk = 64

  private func forEachQuery(_ body: ([String]) throws -> Void) throws {
    guard queryWords.isEmpty else { return try body(queryWords) }
    let path = input.queries ?? "-"
    var isEmpty = true
    let isTyped = path == "-" && StandardInput.isTerminal
    try TextFile.forEachChunk(of: isTyped ? 1 : Self.queryChunk, inFile: path) { queries, _ in
      isEmpty = false
      try body(queries)
    }
    if isEmpty { throw CLIError.Usage("\(TextFile.name(of: path)): no query") }
  }

  private static func json(_ query: String, rank: Int, _ result: SearchResult) -> String {
    JSONText.object([
      "query": JSONText.string(query),
      "rank": "\(rank)",
      "score": JSONText.number(result.score),
      "document": JSONText.string(result.document),
      "range": "[\(result.range.lowerBound), \(result.range.upperBound)]",
      "text": JSONText.string(result.text),
      "before": JSONText.string(result.before),
      "after": JSONText.string(result.after),
      "metadata": JSONText.object(
        result.metadata.sorted { $0.key < $1.key }
          .map { (key: $0.key, value: JSONText.string($0.value)) }),
    ])
  }
}
