import ArgumentParser
import AttentionModels

/// How texts become embeddings.
struct EmbeddingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Put the model's prompt of this name before each text; query and document are no prompt if the model \
      has none of this name. (default: the model's default prompt)
      """, valueName: "name"))
  var prompt: String?

  @Option(
    help: ArgumentHelp(
      "Keep the first numbers of each embedding, for models trained for it (Matryoshka). (default: all)",
      valueName: "n"))
  var dimensions: Int?

  /// The requested or default prompt.
  var chosenPrompt: EmbeddingPrompt {
    switch prompt {
    case nil: .default
    case "query": .query
    case "document": .document
    case let name?: .named(name)
    }
  }

  func validate() throws {
    if let dimensions, dimensions < 1 {
      throw ValidationError("--dimensions \(dimensions): expected at least 1")
    }
  }

  /// Checks that the model has the prompt.
  func check(_ embedder: SentenceEmbedder) throws {
    guard case .named(let name) = chosenPrompt, embedder.prompts[name] == nil else { return }
    let names = embedder.prompts.keys.sorted().map { quoted($0, limit: 40) }
    throw CLIError.Usage(
      "--prompt \(quoted(name, limit: 40)): the model has "
        + (names.isEmpty ? "no prompts" : "the prompts \(names.joined(separator: ", "))"))
  }

  /// The number of features of an embedding.
  func dimension(of embedder: SentenceEmbedder) -> Int {
    min(dimensions ?? embedder.embeddingDimension, embedder.embeddingDimension)
  }
}
