import ArgumentParser
import Attention
import AttentionModels
import AttentionSearch

extension VectorFormat: ExpressibleByArgument {}

struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Create or change a search index: documents and their embeddings in a folder.",
    discussion: """
      A document replaces the document of the same name. Each file of a folder is a document, named by its \
      path; each line of a file is a document, named FILE:LINE. In a .jsonl file each line is a JSON string or \
      an object with "text", and perhaps "name" and "metadata". Long documents are cut into passages at ends \
      of sentences.

      An interrupted run keeps the documents that it has added; the index is never damaged.

      attend index --input notes --output notes.index
      attend index --input faq.jsonl --output faq.index --format int8
      attend index --output notes.index --delete old.md drafts/new.md
      attend search notes.index "How do I reset my password?"
      """)

  struct Input: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Add the documents in this file or folder; - is standard input. May be repeated.",
        valueName: "path"))
    var input: [String] = []

    @Flag(help: "Make one document of each file, not of each line.")
    var whole = false

    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp("Delete the documents with these names.", valueName: "name"))
    var delete: [String] = []
  }

  struct Output: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The folder of the index; created if it does not exist.", valueName: "index"))
    var output: String

    @Option(
      help: ArgumentHelp(
        """
        Format of the vectors that a search reads: float32, int8 (a quarter of the memory) or binary (a \
        thirty-second). Scores are always computed in float32. (default: float32)
        """, valueName: "format"))
    var format: VectorFormat?

    @Option(
      help: ArgumentHelp(
        "Largest number of tokens of a passage. (default: the model's maximum length)",
        valueName: "count"))
    var maxTokens: Int?

    @Option(
      help: ArgumentHelp(
        "Largest number of tokens that a passage repeats from the one before it. (default: 32)",
        valueName: "count"))
    var overlap: Int?

    @Flag(help: "Check all files of the index after the change.")
    var verify = false

    func validate() throws {
      if let maxTokens, maxTokens < 1 {
        throw ValidationError("--max-tokens \(maxTokens): expected at least 1")
      }
      if let overlap, overlap < 0 {
        throw ValidationError("--overlap \(overlap): expected at least 0")
      }
    }
  }

  @OptionGroup(title: "Input") var input: Input
  @OptionGroup(title: "Model") var model: SearchModelOption
  @OptionGroup(title: "Output") var output: Output
  @OptionGroup(title: "Computing") var compute: ComputeOptions

  /// The number of documents that are embedded and written at a time.
  private static let chunk = 256

  mutating func validate() throws {
    guard !input.input.isEmpty || !input.delete.isEmpty || output.verify else {
      throw ValidationError("expected --input, --delete or --verify")
    }
  }

  func run() throws {
    var documents = try DocumentInput(input.input, isWhole: input.whole)
    try compute.run {
      let index = try SearchErrors.asUsage { try openIndex() }
      if !input.delete.isEmpty { try SearchErrors.asUsage { try index.delete(input.delete) } }
      var progress = ProgressBar(isWanted: true)
      defer { progress.finish() }
      var (count, passages) = (0, 0)
      try documents.forEachChunk(of: Self.chunk) { chunk, share in
        passages += try index.add(chunk)
        count += chunk.count
        progress.update(count: count, of: "documents", share: share)
      }
      progress.finish()
      if output.verify { try index.verify() }
      if documents.skippedCount > 0 {
        StandardError.write("skipped \(documents.skippedCount) files that are not UTF-8")
      }
      StandardError.write(
        "added \(count) documents with \(passages) passages; "
          + "\(output.output) has \(try index.documentCount) documents")
    }
  }

  private func openIndex() throws -> SearchIndex {
    guard SearchIndex.exists(path: output.output) else {
      guard !input.input.isEmpty else {
        throw CLIError.Usage("--output \(printable(output.output)): no index")
      }
      return try SearchIndex.create(
        at: output.output, model: model.load(model.directory()),
        options: IndexOptions(
          format: output.format ?? .float32,
          passages: PassageOptions(maxTokens: output.maxTokens, overlap: output.overlap ?? 32)))
    }
    let settings = try SearchIndex.settings(path: output.output)
    for (flag, isOther) in [
      ("--format", output.format.map { $0 != settings.format } ?? false),
      ("--max-tokens", output.maxTokens.map { $0 != settings.passages.maxTokens } ?? false),
      ("--overlap", output.overlap.map { $0 != settings.passages.overlap } ?? false),
    ] where isOther {
      throw CLIError.Usage(
        "\(flag): the index \(printable(output.output)) was created with another value")
    }
    return try SearchIndex(
      path: output.output, model: model.load(model.directory(of: settings.modelName)))
  }
}

/// Errors of an index that the user can correct on the command line.
enum SearchErrors {
  /// Calls `body`, and turns errors about the path, the model or a name into usage errors.
  static func asUsage<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as SearchError {
      switch error {
      case .notAnIndex, .otherModel, .document, .unsupported: throw CLIError.Usage(error)
      case .damaged, .busy, .storage: throw error
      }
    }
  }
}
