import Attention

/// Shows what a model's attention heads look at in a text.
///
/// ```swift
/// let explainer = try AttentionExplainer(model: "sentence-transformers/all-MiniLM-L6-v2")
/// let explanation = try explainer.explain("The cat sat on the mat because it was tired.")
/// for link in try explanation.strongestLinks(from: "it").prefix(3) { print(link) }
/// ```
public struct AttentionExplainer: Sendable {
  /// What cuts the text into tokens.
  public let tokenizer: Tokenizer
  /// Whose attention is shown.
  public let encoder: BERT

  /// Loads a model of type `bert`.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for
  ///   one that cannot be read or leads out of the folder; `AttentionError.memory`.
  public init(model: String, revision: String? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision))
  }

  /// Loads the model of type `bert` in a folder.
  ///
  /// - Throws: as ``init(model:revision:)``.
  public init(_ directory: ModelDirectory) throws {
    encoder = try BERT(directory)
    tokenizer = try Tokenizer(directory)
  }

  /// Every attention weight that the model computes for `text`.
  ///
  /// - Returns: the weights of every head of every layer, with the text's tokens.
  /// - Throws: ``ModelError/text(_:reason:)`` for a text that is "longer than" the model allows or has
  ///   a token without an embedding, and for weights that are "not finite"; `AttentionError.memory`.
  /// - Complexity: besides encoding, O(layers · heads · tokens²) memory.
  public func explain(_ text: String) throws -> AttentionExplanation {
    let encoding = try tokenizer.encode(text)
    let longest = encoder.configuration.contextLength
    guard encoding.ids.count <= longest else {
      throw ModelError.text(
        "text", reason: "\(encoding.ids.count) tokens, longer than the \(longest) of the model")
    }
    try encoding.requireRows(encoder.configuration.vocabularySize, named: "text")
    let output = try encoder(PackedTokens([encoding]), returningWeights: true)
    for (layer, weights) in output.attentionWeights.enumerated() {
      guard weights.withUnsafeScalars(Backend.current.kernels.loops.isFinite) else {
        throw ModelError.text(
          "text", reason: "the attention weights of layer \(layer) are not finite")
      }
    }
    return AttentionExplanation(text: text, encoding: encoding, layers: output.attentionWeights)
  }
}
