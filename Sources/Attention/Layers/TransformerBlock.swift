/// A transformer block: self-attention, optional cross-attention to an encoder output, and a
/// feed-forward layer, each with a residual connection.
///
///     x ← post(x + r · sandwich(layer(pre(x))))        for each layer
///
/// r is the residual scale, usually 1. pre, sandwich and post are norms; each is optional:
///
/// | norms of a layer | models |
/// | --- | --- |
/// | post (post-norm) | the original transformer, BERT, BART |
/// | pre (pre-norm) | GPT-2, T5, Llama |
/// | pre and sandwich (sandwich norm) | Gemma 2 |
/// | sandwich | OLMo 2 |
///
/// In a parallel block, both layers read the same input, and x is the sum of x and both outputs (GPT-NeoX):
///
///     x ← x + r · sandwich₁(attention(pre₁(x))) + r · sandwich₂(feedForward(pre₂(x)))
///
/// - Source: Vaswani et al. 2017, section 3.1 (post-norm); Xiong et al. 2020 (pre-norm); Wang & Komatsuzaki 2021
///   (parallel).
public struct TransformerBlock: Sendable {
  /// The norms of one layer.
  public struct Norms: Sendable {
    /// Applied to the input of the layer.
    public var pre: Norm?
    /// Applied to the output of the layer, before the residual addition.
    public var sandwich: Norm?
    /// Applied to the sum of the layer's input and output, after the residual addition.
    public var post: Norm?

    /// The given norms. Default: none.
    public init(pre: Norm? = nil, sandwich: Norm? = nil, post: Norm? = nil) {
      self.pre = pre
      self.sandwich = sandwich
      self.post = post
    }
  }

  /// Self-attention.
  public let attention: MultiHeadAttention
  /// The norms of the self-attention.
  public let attentionNorms: Norms
  /// The scale, softcap, modifiers and mask of the self-attention.
  public let options: AttentionOptions
  /// Cross-attention to an encoder output; nil for none.
  public let crossAttention: MultiHeadAttention?
  /// The norms of the cross-attention.
  public let crossNorms: Norms
  /// The scale, softcap, modifiers and mask of the cross-attention.
  public let crossOptions: AttentionOptions
  /// The feed-forward layer, the last layer of the block.
  public let feedForward: FeedForwardLayer
  /// The norms of the feed-forward layer.
  public let feedForwardNorms: Norms
  /// A convolution of the block's input, added to its output; nil for none.
  public let convolution: TokenConvolution?
  /// r, the factor of every layer's output.
  public let residualScale: Float
  /// Whether attention and the feed-forward layer read the same input.
  public let isParallel: Bool

  /// The hidden size: the number of features of x.
  public var hiddenSize: Int { attention.query.inputSize }

  /// A block of the given layers. The input and output of each layer have the block's hidden size.
  ///
  /// - Parameters:
  ///   - attention: self-attention.
  ///   - attentionNorms: the norms of the self-attention.
  ///   - options: the scale, softcap, modifiers and mask of the self-attention. Lengths are given
  ///     with each batch.
  ///   - crossAttention: cross-attention to an encoder output, whose hidden size may differ; nil
  ///     for none.
  ///   - crossNorms: the norms of the cross-attention.
  ///   - crossOptions: the scale, softcap, modifiers and mask of the cross-attention.
  ///   - feedForward: the feed-forward layer.
  ///   - feedForwardNorms: the norms of the feed-forward layer.
  ///   - convolution: a convolution of the block's input, added to its output; nil for none.
  ///   - residualScale: r, the factor of every layer's output, a finite number.
  ///   - isParallel: whether attention and the feed-forward layer read the same input. A parallel block has
  ///     no cross-attention and no post-norms.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming a layer or norm of another hidden
  ///   size, with both sizes, "residualScale", or "isParallel".
  public init(
    attention: MultiHeadAttention, attentionNorms: Norms,
    options: AttentionOptions = AttentionOptions(), crossAttention: MultiHeadAttention? = nil,
    crossNorms: Norms = Norms(), crossOptions: AttentionOptions = AttentionOptions(),
    feedForward: FeedForwardLayer, feedForwardNorms: Norms, convolution: TokenConvolution? = nil,
    residualScale: Float = 1, isParallel: Bool = false
  ) throws {
    let hiddenSize = attention.query.inputSize
    var sizes: [(String, Int?)] = [
      ("attention.key", attention.key.inputSize), ("attention.value", attention.value.inputSize),
      ("attention.output", attention.output.outputSize),
      ("crossAttention.query", crossAttention?.query.inputSize),
      ("crossAttention.output", crossAttention?.output.outputSize),
      ("feedForward.upProjection", feedForward.inputSize),
      ("feedForward.downProjection", feedForward.outputSize),
      ("convolution", convolution?.hiddenSize),
    ]
    for (name, norms) in [
      ("attentionNorms", attentionNorms), ("crossNorms", crossNorms),
      ("feedForwardNorms", feedForwardNorms),
    ] {
      sizes += [
        ("\(name).pre", norms.pre?.featureCount),
        ("\(name).sandwich", norms.sandwich?.featureCount),
        ("\(name).post", norms.post?.featureCount),
      ]
    }
    for case (let name, let found?) in sizes where found != hiddenSize {
      throw AttentionError.argument(
        name, reason: "expected the block's hidden size \(hiddenSize), got \(found)")
    }
    guard residualScale.isFinite else {
      throw AttentionError.argument(
        "residualScale", reason: "expected a finite number, got \(residualScale)")
    }
    guard
      !isParallel
        || (crossAttention == nil && attentionNorms.post == nil && feedForwardNorms.post == nil)
    else {
      throw AttentionError.argument(
        "isParallel", reason: "a parallel block has no cross-attention and no post-norms")
    }
    self.attention = attention
    self.attentionNorms = attentionNorms
    self.options = options
    self.crossAttention = crossAttention
    self.crossNorms = crossNorms
    self.crossOptions = crossOptions
    self.feedForward = feedForward
    self.feedForwardNorms = feedForwardNorms
    self.convolution = convolution
    self.residualScale = residualScale
    self.isParallel = isParallel
  }

  /// A block with a dense feed-forward layer, as the other initializer.
  public init(
    attention: MultiHeadAttention, attentionNorms: Norms,
    options: AttentionOptions = AttentionOptions(), crossAttention: MultiHeadAttention? = nil,
    crossNorms: Norms = Norms(), crossOptions: AttentionOptions = AttentionOptions(),
    feedForward: FeedForward, feedForwardNorms: Norms, convolution: TokenConvolution? = nil,
    residualScale: Float = 1, isParallel: Bool = false
  ) throws {
    try self.init(
      attention: attention, attentionNorms: attentionNorms, options: options,
      crossAttention: crossAttention, crossNorms: crossNorms, crossOptions: crossOptions,
      feedForward: .dense(feedForward), feedForwardNorms: feedForwardNorms,
      convolution: convolution, residualScale: residualScale, isParallel: isParallel)
  }
}
