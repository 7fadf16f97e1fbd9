import ArgumentParser
import Attention
import AttentionModels

struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Compute sentence embeddings, whose cosine is the similarity of texts.",
    discussion: """
      On a terminal, shows the shape, each embedding's norm and first numbers, and the cosine \
      similarity of the first \(EmbeddingReport.limit) texts. Piped, or with --output, writes complete \
      embeddings: one JSON object per line, or a .npy array.

      attend embed "A cat sat on the mat." "A feline rested on a rug."
      attend embed --input sentences.txt --output vectors.npy
      attend embed --model FOLDER --prompt query "How do I reset my password?"
      zcat corpus.gz | attend embed > vectors.jsonl
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, jsonl, npy
  }

  enum Text: TextKind {
    static let name = "text"
  }

  struct Output: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Write the embeddings to this file; - is standard output. (default: -)",
        valueName: "file"))
    var output: String?

    @Option(
      help: ArgumentHelp(
        """
        text is a summary; jsonl has {"text", "embedding"} on each line; npy is float32 \
        [text, feature]. (default: text on a terminal, npy for --output FILE.npy, else jsonl)
        """, valueName: "format"))
    var format: Format?

    @Flag(help: "Do not truncate a text that is too long for the model: report an error.")
    var noTruncation = false

    /// The path of the output file; nil for standard output.
    var path: String? { output == "-" ? nil : output }

    /// The requested or default format.
    var chosenFormat: Format {
      if let format { return format }
      guard let path else { return StandardOutput.isTerminal ? .text : .jsonl }
      return path.lowercased().hasSuffix(".npy") ? .npy : .jsonl
    }
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: EncoderOption
  @OptionGroup(title: "Embedding") var embedding: EmbeddingOptions
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  /// The number of texts that are read, embedded and written at a time.
  private static let chunk = 256

  func run() throws {
    try input.check()
    let directory = try model.directory()
    let file = try output.path.map { try openOutput($0, flag: "--output") }
    let format = output.chosenFormat
    if file == nil, format == .npy, StandardOutput.isTerminal {
      throw CLIError.Usage("--format npy cannot be written to a terminal; use --output FILE")
    }
    try compute.run {
      let embedder = try SentenceEmbedder(directory, format: model.weights)
      try embedding.check(embedder)
      switch format {
      case .text: try writeReport(embedder, to: file)
      case .jsonl: try writeLines(embedder, to: file)
      case .npy: try writeArray(embedder, to: file)
      }
    }
    try file?.commit()
  }

  private func writeReport(_ embedder: SentenceEmbedder, to file: OutputFile?) throws {
    var report = EmbeddingReport(
      embeddingDimension: embedding.dimension(of: embedder), columns: StandardOutput.columns ?? 80)
    try embedAll(embedder) { report.add($0, $1) }
    for line in report.lines { try write(line, to: file) }
  }

  private func writeLines(_ embedder: SentenceEmbedder, to file: OutputFile?) throws {
    try embedAll(embedder) { texts, embeddings in
      for (index, text) in texts.enumerated() {
        let embedding = embeddings.row(index)
        let line = JSONText.object([
          "text": JSONText.string(text),
          "embedding": JSONText.array(embedding.map(JSONText.number)),
        ])
        try write(line, to: file)
      }
    }
  }

  private func write(_ line: String, to file: OutputFile?) throws {
    if let file {
      try file.write(Array("\(line)\n".utf8))
    } else {
      try StandardOutput.line(line)
    }
  }

  private func writeArray(_ embedder: SentenceEmbedder, to file: OutputFile?) throws {
    var parts: [Tensor] = []
    try embedAll(embedder) { _, embeddings in parts.append(embeddings) }
    try Tensor.writeNPY(
      rowsOf: parts, columnCount: embedding.dimension(of: embedder),
      to: file?.write ?? StandardOutput.write)
  }

  /// Embeds all texts of the input in chunks, and reports on standard error how many were truncated.
  private func embedAll(
    _ embedder: SentenceEmbedder, _ body: ([String], Tensor) throws -> Void
  ) throws {
    // No progress bar if the results go to the same terminal.
    let showsLines = output.path == nil && output.chosenFormat == .jsonl
    var progress = ProgressBar(isWanted: !(showsLines && StandardOutput.isTerminal))
    var (done, cut) = (0, 0)
    defer { progress.finish() }
    try input.forEachChunk(of: Self.chunk) { texts, share in
      let embeddings: Tensor
      do {
        let encodings = try embedder.encodings(
          of: texts, prompt: embedding.chosenPrompt,
          truncation: output.noTruncation ? .refuse : .cutEnd)
        cut += encodings.count { $0.wasTruncated }
        embeddings = try embedder.embed(
          encodings, prompt: embedding.chosenPrompt, dimensions: embedding.dimensions)
      } catch let error as ModelError {
        throw error.namingText { input.name(ofText: done + $0) }
      }
      try body(texts, embeddings)
      done += texts.count
      progress.update(count: done, of: "texts", share: share)
    }
    if cut > 0 {
      progress.finish()
      StandardError.write(
        "truncated \(cut) of \(done) texts to \(embedder.maxLength) tokens")
    }
  }
}
