import ArgumentParser
import Attention
import AttentionModels

struct EmbedVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Turn texts into vectors whose cosine says how alike their meanings are.",
    discussion: """
      attend embed "A cat sat on the mat."
      attend embed --input sentences.txt --output vectors.npy --format npy
      zcat corpus.gz | attend embed --input - > vectors.jsonl
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl, npy
  }

  @OptionGroup var input: TextInput
  @OptionGroup var model: ModelOption

  @Option(
    help: ArgumentHelp(
      "Where the embeddings go; - is standard output. (default: -)", valueName: "file"))
  var output: String?

  @Option(help: #"jsonl has {"text", "embedding"} on each line, npy float32 [text, width]."#)
  var format = Format.jsonl

  @Flag(help: "Refuse a text that is longer than the model reads, rather than cut its end.")
  var noTruncation = false

  @OptionGroup var compute: ComputeOptions

  /// Texts that are read, embedded and written together.
  private static let chunk = 256

  func run() throws {
    try input.check()
    let directory = try model.directory()
    let file = try output.flatMap { $0 == "-" ? nil : try openOutput($0) }
    if file == nil, format == .npy, StandardOutput.isTerminal {
      throw Failure.Usage("--format npy is not for a terminal: name a file with --output")
    }
    try compute.run {
      let embedder = try SentenceEmbedder(directory)
      switch format {
      case .jsonl: try writeLines(embedder, to: file)
      case .npy: try writeArray(embedder, to: file)
      }
    }
  }

  private func writeLines(_ embedder: SentenceEmbedder, to file: OutputFile?) throws {
    try embedAll(embedder) { texts, embeddings in
      for (index, text) in texts.enumerated() {
        let embedding = try embeddings.rows(index..<index + 1).scalars
        let line = JSONText.object([
          "text": JSONText.string(text),
          "embedding": JSONText.array(embedding.map(JSONText.number)),
        ])
        if let file {
          try file.write(Array("\(line)\n".utf8))
        } else {
          try StandardOutput.line(line)
        }
      }
    }
    try file?.commit()
  }

  private func writeArray(_ embedder: SentenceEmbedder, to file: OutputFile?) throws {
    var scalars: [Float] = []
    try embedAll(embedder) { _, embeddings in scalars += embeddings.scalars }
    let all = try Tensor(
      shape: [scalars.count / embedder.width, embedder.width], scalars: scalars)
    if let file {
      try all.writeNPY(to: file.write)
      try file.commit()
    } else {
      try all.writeNPY(to: StandardOutput.write)
    }
  }

  /// Embeds every text of the input, a chunk at a time, and says so if any had to be cut.
  private func embedAll(
    _ embedder: SentenceEmbedder, _ body: ([String], Tensor) throws -> Void
  ) throws {
    // Results in the same terminal show the progress themselves.
    var progress = ProgressBar(isWanted: output != nil || !StandardOutput.isTerminal)
    var (done, cut) = (0, 0)
    defer { progress.finish() }
    try input.forEachChunk(of: Self.chunk) { texts, share in
      let encodings: [Encoding]
      do {
        encodings = try embedder.encodings(
          of: texts, truncation: noTruncation ? .refuse : .cutEnd)
      } catch ModelError.text(let name, let reason) {
        // The embedder counts within the chunk, from 0.
        let index = name.split(separator: " ").last.flatMap { Int($0) } ?? 0
        throw ModelError.text("text \(done + index + 1)", reason: reason)
      }
      cut += encodings.count { $0.wasTruncated }
      try body(texts, embedder.embed(encodings))
      done += texts.count
      progress.update(count: done, of: "texts", share: share)
    }
    if cut > 0 {
      progress.finish()
      StandardError.write(
        "\(cut) of \(done) texts longer than \(embedder.maximumLength) tokens: cut at the end")
    }
  }
}
