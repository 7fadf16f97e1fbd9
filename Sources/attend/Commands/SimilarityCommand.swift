import ArgumentParser
import Attention
import AttentionModels

struct SimilarityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Compare the meaning of texts: 1 is equal, 0 is unrelated.",
    discussion: """
      Embeds each text and compares the embeddings, by their cosine or as the model's files say. Two texts give \
      a number, more texts a table.

      attend similarity "A cat sat on the mat." "A feline rested on a rug."
      attend similarity --input sentences.txt --format jsonl
      """)

  enum Text: TextKind {
    static let name = "text"
  }

  struct Output: ParsableArguments {
    @Option(
      help: #"jsonl has {"text", "similarities": [number for each text]} on each line."#)
    var format = ReportFormat.text
  }

  @OptionGroup(title: "Input") var input: TextInput<Text>
  @OptionGroup(title: "Model") var model: EncoderOption
  @OptionGroup(title: "Embedding") var embedding: EmbeddingOptions
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  func run() throws {
    try input.check()
    let directory = try model.directory()
    var texts: [String] = []
    try input.forEachChunk(of: 1024) { chunk, _ in texts += chunk }
    guard texts.count > 1 else {
      throw CLIError.Usage("expected at least two texts, got \(texts.count)")
    }
    let (similarities, measure) = try compute.run {
      let embedder = try SentenceEmbedder(directory, format: model.weights)
      try embedding.check(embedder)
      do {
        let embeddings = try embedder.embed(
          texts, prompt: embedding.chosenPrompt, dimensions: embedding.dimensions)
        return (
          try embedder.similarityMeasure(embeddings, embeddings), embedder.similarityMeasure
        )
      } catch let error as ModelError {
        throw error.namingText { input.name(ofText: $0) }
      }
    }
    switch output.format {
    case .text:
      if texts.count == 2 {
        try StandardOutput.line(String(similarities[0, 1], digits: 4))
      } else {
        let report = SimilarityTable(texts: texts, columns: StandardOutput.columns ?? 80) {
          String(similarities[$0, $1], digits: 2)
        }
        if measure != .cosine { try StandardOutput.line("\(measure.rawValue) similarity:\n") }
        for line in report.lines { try StandardOutput.line(line) }
      }
    case .jsonl:
      for (index, text) in texts.enumerated() {
        try StandardOutput.line(
          JSONText.object([
            "text": JSONText.string(text),
            "similarities": JSONText.array(similarities.row(index).map(JSONText.number)),
          ]))
      }
    }
  }
}
