/// Self-attention and a feed-forward layer, each added to its input and normalised.
///
///     post-norm:  x ← norm₁(x + attention(x))     x ← norm₂(x + feedForward(x))
///     pre-norm:   x ← x + attention(norm₁(x))     x ← x + feedForward(norm₂(x))
///
/// - Source: Vaswani et al. 2017, section 3.1 (post-norm); Xiong et al. 2020 (pre-norm).
public struct EncoderBlock: Sendable {
  /// Where the normalisation stands.
  public enum Normalization: Sendable, Hashable {
    /// After the residual sum, as in the original transformer and BERT.
    case post
    /// Before each layer, as in GPT-2.
    case pre
  }

  /// The first layer.
  public let attention: MultiHeadAttention
  /// norm₁.
  public let attentionNorm: LayerNorm
  /// The second layer.
  public let feedForward: FeedForward
  /// norm₂.
  public let feedForwardNorm: LayerNorm
  /// Where both norms stand.
  public let normalization: Normalization

  /// A block of the given layers, all of which go from the block's width to the same width.
  ///
  /// - Parameters:
  ///   - attention: the first layer, whose memory is its input.
  ///   - attentionNorm: norm₁.
  ///   - feedForward: the second layer.
  ///   - feedForwardNorm: norm₂.
  ///   - normalization: where both norms stand.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming the layer whose width differs, with
  ///   both.
  public init(
    attention: MultiHeadAttention, attentionNorm: LayerNorm, feedForward: FeedForward,
    feedForwardNorm: LayerNorm, normalization: Normalization = .post
  ) throws {
    let width = attention.query.inputWidth
    let widths = [
      ("attention.key", attention.key.inputWidth), ("attention.value", attention.value.inputWidth),
      ("attention.output", attention.output.outputWidth), ("attentionNorm", attentionNorm.width),
      ("feedForward.expand", feedForward.expand.inputWidth),
      ("feedForward.contract", feedForward.contract.outputWidth),
      ("feedForwardNorm", feedForwardNorm.width),
    ]
    for (name, found) in widths where found != width {
      throw AttentionError.argument(
        name, reason: "a width of \(found), where the block's is \(width)")
    }
    self.attention = attention
    self.attentionNorm = attentionNorm
    self.feedForward = feedForward
    self.feedForwardNorm = feedForwardNorm
    self.normalization = normalization
  }

  /// The block's output for a packed batch.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - options: mask and sequence lengths for the attention.
  /// - Returns: x after both layers, `[token, width]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs, and as
  ///   ``MultiHeadAttention`` does.
  public func callAsFunction(
    _ input: Tensor, options: AttentionOptions = AttentionOptions()
  ) throws -> Tensor {
    try self(input, options: options, returning: []).output
  }

  /// The block's output, and the attention results that are asked for.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - options: mask and sequence lengths for the attention.
  ///   - results: what to return beside the output.
  /// - Returns: the output `[token, width]`, and of the attention layer what was asked for.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs, and as
  ///   ``MultiHeadAttention`` does.
  public func callAsFunction(
    _ input: Tensor, options: AttentionOptions = AttentionOptions(),
    returning results: AttentionResults
  ) throws -> MultiHeadAttention.Result {
    switch normalization {
    case .post:
      var result = try attention(input, options: options, returning: results)
      try result.output.add(input)
      try attentionNorm.apply(to: &result.output)
      let middle = result.output
      result.output = try feedForward(middle)
      try result.output.add(middle)
      try feedForwardNorm.apply(to: &result.output)
      return result
    case .pre:
      var result = try attention(attentionNorm(input), options: options, returning: results)
      try result.output.add(input)
      let middle = result.output
      result.output = try feedForward(feedForwardNorm(middle))
      try result.output.add(middle)
      return result
    }
  }
}
