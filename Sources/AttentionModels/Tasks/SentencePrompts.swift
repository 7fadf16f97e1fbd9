import AttentionCore

/// The prompts of a sentence model, from `config_sentence_transformers.json`.
struct SentencePrompts: Sendable {
  /// The prompts by name.
  var texts: [String: String] = [:]
  /// The prompt of texts without a named prompt.
  var standard = ""

  private static let countLimit = 1000

  init() {}

  /// - Throws: `ModelError.configuration` if a prompt is not a string, or the default prompt is missing.
  init(_ config: ConfigurationReader) throws {
    if let prompts = try config.optionalNested("prompts") {
      let names = prompts.object.members.map(\.key)
      guard names.count <= Self.countLimit else {
        throw config.failure("prompts: \(names.count), the limit is \(Self.countLimit)")
      }
      for name in names { texts[name] = try prompts.string(name) }
    }
    if let name = try config.optionalString("default_prompt_name") {
      guard let text = texts[name] else {
        throw config.failure("default_prompt_name \(printable(name)): no prompt of this name")
      }
      standard = text
    }
  }

  /// The text of a prompt.
  ///
  /// - Throws: `AttentionError.argument` naming "prompt" for an unknown name, with the names of the model.
  func text(_ prompt: EmbeddingPrompt) throws -> String {
    switch prompt {
    case .default: return standard
    case .query: return texts["query"] ?? ""
    case .document:
      return ["document", "passage", "corpus"].lazy.compactMap { texts[$0] }.first ?? ""
    case .text(let text): return text
    case .named(let name):
      guard let text = texts[name] else {
        let known = texts.keys.sorted().map { printable($0) }.joined(separator: ", ")
        throw AttentionError.argument(
          "prompt",
          reason: "the model has no prompt \(printable(name)); "
            + (known.isEmpty ? "it has no prompts" : "its prompts: \(known)"))
      }
      return text
    }
  }
}
