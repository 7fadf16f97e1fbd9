import Attention

/// What the attention heads of a model attend to in a text.
public struct AttentionExplanation: Sendable {
  /// The tokens that the encoder reads; for a decoder alone, the tokens of the text.
  public let input: TokenizedText
  /// The tokens that an encoder–decoder generated, or that were given as its output; nil for other models.
  public let output: TokenizedText?
  /// The attention weights: one map for an encoder or a decoder; cross-attention, the encoder's and the decoder's
  /// self-attention for an encoder–decoder.
  public internal(set) var maps: [AttentionMap]
  /// The contextual vectors of the input, and of an encoder–decoder's output; empty if
  /// ``ExplanationOptions/includesSteps`` is off.
  public internal(set) var contextualVectors: [ContextualVectors] = []
  /// The next tokens that the layers of a decoder would choose, if requested.
  package internal(set) var readout: NextTokenReadout?

  /// The map of a kind; nil if the model does not have it.
  public func map(_ kind: AttentionMap.Kind) -> AttentionMap? { maps.first { $0.kind == kind } }
}

/// The vectors of the tokens of a text in every layer of a model.
public struct ContextualVectors: Sendable {
  /// The tokens.
  public let text: TokenizedText
  /// The vectors before the first block, which are the embeddings, and after each block: `[token, hidden size]`.
  public let layers: [Tensor]
}

/// The most probable next tokens after each block: the block's output read as if it were the last block's.
///
/// - Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
package struct NextTokenReadout: Sendable {
  /// A token and its probability.
  package struct Choice: Sendable, Hashable {
    package let id: Int
    package let probability: Float
  }

  /// The choices of each layer and token, by descending probability: `[layer][token][choice]`.
  package let layers: [[[Choice]]]
  /// The text of each id.
  package let texts: [Int: String]
}
