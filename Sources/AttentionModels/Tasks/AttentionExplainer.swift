import Attention

/// Shows what the attention heads of a model attend to in a text.
///
/// ```swift
/// let explainer = try AttentionExplainer(model: "sentence-transformers/all-MiniLM-L6-v2")
/// let explanation = try explainer.explain("The cat sat on the mat because it was tired.")
/// for link in try explanation.strongestLinks(from: "it").prefix(3) { print(link) }
/// ```
public struct AttentionExplainer: ModelTask {
  /// The tokenizer of the model.
  public let tokenizer: Tokenizer
  /// The encoder whose attention is shown.
  public let encoder: any EncoderModel

  /// Loads the encoder in a folder with its tokenizer.
  ///
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for a file that cannot
  ///   be read or is outside the folder; `AttentionError.memory`.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    (encoder, tokenizer) = try Workers.both(
      { try EncoderModels.load(directory, format: format) }, { try Tokenizer(directory) })
  }

  /// Computes every attention weight of the model for a text.
  ///
  /// - Returns: the weights of every head of every layer, with the tokens of the text.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a text that is "longer than" the model allows or
  ///   has a token without an embedding, and for weights that are "not finite"; `AttentionError.memory`.
  /// - Complexity: the encoder's, and O(layers · heads · tokens²) memory.
  public func explain(_ text: String) throws -> AttentionExplanation {
    let encoding = try tokenizer.encode(text)
    if let limit = encoder.contextLength, encoding.count > limit {
      throw ModelError.text(
        "text", reason: "\(encoding.count) tokens, longer than the limit of \(limit)")
    }
    try encoding.requireRows(encoder.vocabularySize, named: "text")
    let output = try encoder(PackedTokens([encoding]), returningWeights: true)
    for (layer, weights) in output.attentionWeights.enumerated() {
      guard weights.isFinite else {
        throw ModelError.text(
          "text", reason: "the attention weights of layer \(layer) are not finite")
      }
    }
    return AttentionExplanation(text: text, encoding: encoding, layers: output.attentionWeights)
  }
}
