/// The text that a sentence model expects before a text, such as "query: ".
///
/// The model's prompts have names; see ``SentenceEmbedder/prompts``.
public enum EmbeddingPrompt: Sendable, Hashable {
  /// The model's default prompt; no prompt if the model has no default.
  case `default`
  /// The prompt named `query`, for questions; no prompt if the model has none of this name.
  case query
  /// The prompt named `document`, `passage` or `corpus`, for texts to be found; no prompt if the model has
  /// none of these names.
  case document
  /// The prompt of this name, which the model must have.
  case named(String)
  /// This text; "" for no prompt.
  case text(String)
}
