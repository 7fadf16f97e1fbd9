/// A transformer block: self-attention, optional cross-attention to an encoder output, and a
/// feed-forward layer, each with a residual connection.
///
///     x ← post(x + sandwich(layer(pre(x))))        for each layer
///
/// pre, sandwich and post are norms; each is optional:
///
/// | norms of a layer | models |
/// | --- | --- |
/// | post (post-norm) | the original transformer, BERT, BART |
/// | pre (pre-norm) | GPT-2, T5, Llama |
/// | pre and sandwich (sandwich norm) | Gemma 2 |
///
/// - Source: Vaswani et al. 2017, section 3.1 (post-norm); Xiong et al. 2020 (pre-norm).
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
  public let feedForward: FeedForward
  /// The norms of the feed-forward layer.
  public let feedForwardNorms: Norms
  /// A convolution of the block's input, added to its output; nil for none.
  public let convolution: TokenConvolution?

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
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming a layer or norm of another hidden
  ///   size, with both sizes.
  public init(
    attention: MultiHeadAttention, attentionNorms: Norms,
    options: AttentionOptions = AttentionOptions(), crossAttention: MultiHeadAttention? = nil,
    crossNorms: Norms = Norms(), crossOptions: AttentionOptions = AttentionOptions(),
    feedForward: FeedForward, feedForwardNorms: Norms, convolution: TokenConvolution? = nil
  ) throws {
    let hiddenSize = attention.query.inputSize
    var sizes: [(String, Int?)] = [
      ("attention.key", attention.key.inputSize), ("attention.value", attention.value.inputSize),
      ("attention.output", attention.output.outputSize),
      ("crossAttention.query", crossAttention?.query.inputSize),
      ("crossAttention.output", crossAttention?.output.outputSize),
      ("feedForward.upProjection", feedForward.upProjection.inputSize),
      ("feedForward.downProjection", feedForward.downProjection.outputSize),
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
    self.attention = attention
    self.attentionNorms = attentionNorms
    self.options = options
    self.crossAttention = crossAttention
    self.crossNorms = crossNorms
    self.crossOptions = crossOptions
    self.feedForward = feedForward
    self.feedForwardNorms = feedForwardNorms
    self.convolution = convolution
  }
}

extension TransformerBlock {
  /// Throws if the block needs all tokens of a sequence at once.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "disentangledPositions" or "convolution".
  func requireCacheSupport() throws {
    try attention.refusePositions("a cache")
    guard convolution == nil else {
      throw AttentionError.argument(
        "convolution", reason: "not supported with a cache, only for whole sequences")
    }
  }

  /// Replaces `hidden`, the block's input, with the block's output.
  ///
  /// The first pass over the tokens computes attention. The second pass computes everything after
  /// attention, in blocks of rows that stay in the processor's cache.
  ///
  /// - Parameters:
  ///   - pass: the state that all blocks share.
  ///   - crossAttentionCache: the projected encoder output for cross-attention.
  ///   - attend: computes self-attention, with or without a cache.
  /// - Returns: the requested results of the self-attention, without the output.
  func apply(
    to hidden: inout Tensor, _ pass: inout TransformerPass, crossAttentionCache: KeyValueCache?,
    attend: MultiHeadAttention.Attend
  ) throws -> AttentionResult {
    var options = options
    options.lengths = pass.lengths
    let input = convolution == nil ? nil : hidden
    let cosSin = try pass.cosSin(attention.rotary)
    let result = try attention.attendHeads(
      hidden, norm: attentionNorms.pre, projecting: .all, cosSin: cosSin,
      options: options, returning: pass.results, &pass.workspace, attend: attend)
    if let crossAttention {
      guard let crossAttentionCache else {
        throw AttentionError.argument(
          "crossAttentionCaches", reason: "missing for a block with cross-attention")
      }
      try finish(attention, attentionNorms, of: &hidden, pass, then: { _, _ in })
      var options = crossOptions
      options.lengths = pass.lengths
      _ = try crossAttention.attendHeads(
        hidden, norm: crossNorms.pre, projecting: .queries,
        cosSin: pass.cosSin(crossAttention.rotary), options: options, returning: [],
        &pass.workspace
      ) { heads, options, results, memory in
        try crossAttentionCache.result(
          queries: heads.queries, options: options, returning: results, output: memory.take())
      }
      try finish(crossAttention, crossNorms, of: &hidden, pass, then: applyFeedForward)
    } else {
      try finish(attention, attentionNorms, of: &hidden, pass, then: applyFeedForward)
    }
    if let convolution, let input {
      try convolution.apply(input, lengths: pass.lengths, to: &hidden)
    }
    return result
  }

  /// Applies the output projection, the residual addition, the norms and then `next`, one block of
  /// rows after the other. Reads the attention output from the workspace.
  private func finish(
    _ layer: MultiHeadAttention, _ norms: Norms, of hidden: inout Tensor, _ pass: TransformerPass,
    then next: @Sendable (RowBlock, UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    guard let attentionOutput = pass.workspace.attentionOutput else { return }
    let tokens = hidden.shape[0]
    try attentionOutput.withUnsafeBase { attentionOutput in
      try hidden.withUnsafeMutableScalars { hidden in
        guard let base = hidden.baseAddress else { return }
        nonisolated(unsafe) let (attentionOutput, firstRow) = (attentionOutput, base)
        try RowBlock.forEach(of: tokens) { block in
          let first = block.rows.lowerBound
          let (rows, x) = (block.rows.count, firstRow + first * hiddenSize)
          let heads = attentionOutput + first * layer.output.inputSize
          try add(block, norms, to: x) { y, adds in
            try block.multiply([
              adds
                ? layer.output.product(rowCount: rows, of: heads, addingTo: y)
                : layer.output.product(rowCount: rows, of: heads, into: y)
            ])
          }
          try next(block, x)
        }
      }
    }
  }

  @Sendable
  private func applyFeedForward(_ block: RowBlock, to x: UnsafeMutablePointer<Float>) throws {
    try add(block, feedForwardNorms, to: x) { y, adds in
      try feedForwardNorms.pre.withNormalized(block, x, featureCount: hiddenSize) {
        try feedForward.apply(block, $0, to: y, adds: adds)
      }
    }
  }

  /// x ← post(x + sandwich(f)), for the rows of a block.
  ///
  /// - Parameter layer: writes f to y, or adds it to y if `adds`.
  private func add(
    _ block: RowBlock, _ norms: Norms, to x: UnsafeMutablePointer<Float>,
    _ layer: (_ y: UnsafeMutablePointer<Float>, _ adds: Bool) throws -> Void
  ) throws {
    if let sandwich = norms.sandwich {
      let count = block.rows.count * hiddenSize
      try Scratch.withFloats(count: count) { y in
        try layer(y, false)
        sandwich.apply(block, to: y)
        block.kernels.add(UnsafeMutableBufferPointer(start: x, count: count), y)
      }
    } else {
      try layer(x, true)
    }
    norms.post?.apply(block, to: x)
  }
}
