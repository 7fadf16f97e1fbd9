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

  /// The number of features of x.
  public var width: Int { attentionNorm.width }

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
    guard input.shape.rank == 2, input.shape[1] == attentionNorm.width else {
      throw AttentionError.shape(
        argument: "input", expected: "[token, \(attentionNorm.width)]", got: input.shape)
    }
    var (output, workspace) = (input, AttentionWorkspace())
    let result = try apply(to: &output, options: options, returning: results, &workspace)
    return MultiHeadAttention.Result(
      output: output, weights: result.weights, meanWeights: result.meanWeights,
      logSumExp: result.logSumExp)
  }
}

extension EncoderBlock {
  /// The block's output in place of its input.
  ///
  /// Two passes over the tokens: what attention needs of each; then, a block of rows at a time while it
  /// is in the cache, everything that follows attention.
  ///
  /// - Returns: of the attention layer what was asked for beside the output.
  func apply(
    to hidden: inout Tensor, options: AttentionOptions, returning results: AttentionResults,
    _ workspace: inout AttentionWorkspace
  ) throws -> AttentionResult {
    let tokens = hidden.shape[0]
    let result = try attention.mix(
      hidden, norm: normalization == .pre ? attentionNorm : nil, options: options,
      returning: results, &workspace)
    guard let mixed = workspace.mixed else { return result }
    try mixed.withUnsafeBase { mixed in
      try hidden.withUnsafeMutableScalars { hidden in
        guard let base = hidden.baseAddress else { return }
        nonisolated(unsafe) let (mixed, x) = (mixed, base)
        try RowBlock.forEach(of: tokens) { block in
          let first = block.rows.lowerBound
          try finish(
            block, x + first * attentionNorm.width, mixed + first * attention.output.inputWidth)
        }
      }
    }
    return result
  }

  /// Everything that follows attention, for a block of rows.
  ///
  /// - Parameters:
  ///   - x: the block's first row.
  ///   - mixed: the heads' outputs for it.
  private func finish(
    _ block: RowBlock, _ x: UnsafeMutablePointer<Float>, _ mixed: UnsafePointer<Float>
  ) throws {
    try block.multiply(
      attention.output.product(rowCount: block.rows.count, of: mixed, addingTo: x))
    switch normalization {
    case .post:
      attentionNorm.apply(block, to: x)
      try feedForward.apply(block, x, to: x, adds: true)
      feedForwardNorm.apply(block, to: x)
    case .pre:
      let count = block.rows.count * feedForwardNorm.width
      try Scratch.withFloats(count: count) { normal in
        normal.update(from: x, count: count)
        feedForwardNorm.apply(block, to: normal)
        try feedForward.apply(block, normal, to: x, adds: true)
      }
    }
  }
}
