import Attention

/// A model that computes a vector for each token of a text from all tokens of the text, such as BERT.
///
/// ``SentenceEmbedder`` and ``AttentionExplainer`` work with any encoder; ``EncoderModels`` loads them.
///
/// (The name is not `Encoder`, because Swift's `Codable` has a protocol of that name.)
public protocol EncoderModel: Sendable {
  /// The number of features of a token: `hidden_size`.
  var hiddenSize: Int { get }
  /// The number of token ids: the rows of the table of word embeddings.
  var vocabularySize: Int { get }
  /// The longest sequence in tokens; nil for no limit.
  var contextLength: Int? { get }
  /// The blocks, whose attention weights can be returned.
  var transformer: Transformer { get }

  /// Encodes a packed batch; no padding is computed.
  ///
  /// - Parameters:
  ///   - tokens: the token ids and segments of the sequences. Encoders without segments ignore them.
  ///   - returningWeights: whether to return the attention weights of every block, which take
  ///     O(blocks · heads · tokens²) memory.
  /// - Returns: the hidden states `[token, hiddenSize]`, and the weights if requested.
  /// - Throws: ``ModelError/text(_:index:reason:)`` for a sequence that is "longer than"
  ///   ``contextLength``; `AttentionError.argument` for an id or segment that is out of range, and for
  ///   lengths or segments that do not match the ids; `AttentionError.memory`.
  func callAsFunction(_ tokens: PackedTokens, returningWeights: Bool) throws -> EncoderOutput
}

extension EncoderModel {
  /// The hidden states of a packed batch, without attention weights.
  ///
  /// - Throws: as ``callAsFunction(_:returningWeights:)``.
  public func callAsFunction(_ tokens: PackedTokens) throws -> EncoderOutput {
    try self(tokens, returningWeights: false)
  }

  /// The number of blocks.
  public var layerCount: Int { transformer.blocks.count }
  /// The number of attention heads of a block.
  public var headCount: Int { transformer.blocks.first?.attention.headCount ?? 0 }
}

/// The output of an encoder for a packed batch.
public struct EncoderOutput: Sendable {
  /// x after the last block, `[token, hiddenSize]`.
  public var hiddenStates: Tensor
  /// For each block, if requested, the attention weights `[head, query token, key token]`, which are 0
  /// between different sequences; else empty.
  public var attentionWeights: [Tensor]

  /// An output with these values.
  public init(hiddenStates: Tensor, attentionWeights: [Tensor] = []) {
    self.hiddenStates = hiddenStates
    self.attentionWeights = attentionWeights
  }
}

extension EncoderOutput: CustomStringConvertible {
  /// The shapes, such as `EncoderOutput(hiddenStates: [5, 384], attentionWeights: 6 layers)`.
  public var description: String {
    DescriptionText.parts(
      "EncoderOutput", "hiddenStates: \(hiddenStates.shape)",
      attentionWeights.isEmpty
        ? nil : "attentionWeights: \(counted(attentionWeights.count, "layer"))")
  }
}
