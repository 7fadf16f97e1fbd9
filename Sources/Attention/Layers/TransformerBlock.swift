/// Layers one after the other, each added to its input: self-attention, cross-attention to a memory in
/// the decoders that have one, and a feed-forward layer.
///
///     x ← sum(x + branch(layer(input(x))))        for each layer
///
/// where input, branch and sum are norms, any of which may be missing:
///
/// | where a layer's norms stand | models |
/// | --- | --- |
/// | sum, also called post-norm | the original transformer, BERT, BART |
/// | input, also called pre-norm | GPT-2, T5, Llama |
/// | input and branch | Gemma 2 |
///
/// - Source: Vaswani et al. 2017, section 3.1 (post-norm); Xiong et al. 2020 (pre-norm).
public struct TransformerBlock: Sendable {
  /// Where a layer's norms stand.
  public struct Norms: Sendable {
    /// Over what goes into the layer.
    public var input: Norm?
    /// Over what comes out of it.
    public var branch: Norm?
    /// Over its output added to its input.
    public var sum: Norm?

    /// The given norms; none unless given.
    public init(input: Norm? = nil, branch: Norm? = nil, sum: Norm? = nil) {
      self.input = input
      self.branch = branch
      self.sum = sum
    }
  }

  /// Attention to the tokens of the same sequence.
  public let attention: MultiHeadAttention
  /// Its norms.
  public let attentionNorms: Norms
  /// Its scale, soft cap, modifiers and mask.
  public let options: AttentionOptions
  /// Attention to a memory, such as an encoder's output; nil for none.
  public let crossAttention: MultiHeadAttention?
  /// Its norms.
  public let crossNorms: Norms
  /// Its scale, soft cap, modifiers and mask.
  public let crossOptions: AttentionOptions
  /// The last layer.
  public let feedForward: FeedForward
  /// Its norms.
  public let feedForwardNorms: Norms

  /// The number of features of x.
  public var width: Int { attention.query.inputWidth }

  /// A block of the given layers, all of which go from the block's width to the same width.
  ///
  /// - Parameters:
  ///   - attention: attention to the tokens of the same sequence.
  ///   - attentionNorms: its norms.
  ///   - options: its scale, soft cap, modifiers and mask; lengths come with each batch.
  ///   - crossAttention: attention to a memory, whose width may differ; nil for none.
  ///   - crossNorms: its norms.
  ///   - crossOptions: its scale, soft cap, modifiers and mask.
  ///   - feedForward: the last layer.
  ///   - feedForwardNorms: its norms.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming the layer or norm whose width differs, with
  ///   both.
  public init(
    attention: MultiHeadAttention, attentionNorms: Norms,
    options: AttentionOptions = AttentionOptions(), crossAttention: MultiHeadAttention? = nil,
    crossNorms: Norms = Norms(), crossOptions: AttentionOptions = AttentionOptions(),
    feedForward: FeedForward, feedForwardNorms: Norms
  ) throws {
    let width = attention.query.inputWidth
    var widths: [(String, Int?)] = [
      ("attention.key", attention.key.inputWidth), ("attention.value", attention.value.inputWidth),
      ("attention.output", attention.output.outputWidth),
      ("crossAttention.query", crossAttention?.query.inputWidth),
      ("crossAttention.output", crossAttention?.output.outputWidth),
      ("feedForward.expand", feedForward.expand.inputWidth),
      ("feedForward.contract", feedForward.contract.outputWidth),
    ]
    for (name, norms) in [
      ("attentionNorms", attentionNorms), ("crossNorms", crossNorms),
      ("feedForwardNorms", feedForwardNorms),
    ] {
      widths += [
        ("\(name).input", norms.input?.width), ("\(name).branch", norms.branch?.width),
        ("\(name).sum", norms.sum?.width),
      ]
    }
    for case (let name, let found?) in widths where found != width {
      throw AttentionError.argument(
        name, reason: "a width of \(found), where the block's is \(width)")
    }
    self.attention = attention
    self.attentionNorms = attentionNorms
    self.options = options
    self.crossAttention = crossAttention
    self.crossNorms = crossNorms
    self.crossOptions = crossOptions
    self.feedForward = feedForward
    self.feedForwardNorms = feedForwardNorms
  }
}

extension TransformerBlock {
  /// The block's output in place of its input.
  ///
  /// Passes over the tokens: what attention needs of each; then, a block of rows at a time while it is in
  /// the cache, everything that follows attention.
  ///
  /// - Parameters:
  ///   - pass: what the blocks share.
  ///   - memory: what cross-attention attends to.
  ///   - attend: the operator of the self-attention, wherever keys and values go from here.
  /// - Returns: of the self-attention what was asked for beside the output.
  func apply(
    to hidden: inout Tensor, _ pass: inout TransformerPass, memory: KeyValueCache?,
    attend: MultiHeadAttention.Attend
  ) throws -> AttentionResult {
    var options = options
    options.lengths = pass.lengths
    let table = try pass.table(attention.rotary)
    let result = try attention.mix(
      hidden, norm: attentionNorms.input, table: table, options: options,
      returning: pass.results, &pass.workspace, attend: attend)
    if let crossAttention {
      guard let memory else {
        throw AttentionError.argument("memories", reason: "none for a block with cross-attention")
      }
      try finish(attention, attentionNorms, of: &hidden, pass, then: { _, _ in })
      var options = crossOptions
      options.lengths = pass.lengths
      _ = try crossAttention.mix(
        hidden, norm: crossNorms.input, table: pass.table(crossAttention.rotary), memory: memory,
        options: options, returning: [], &pass.workspace)
      try finish(crossAttention, crossNorms, of: &hidden, pass, then: applyFeedForward)
    } else {
      try finish(attention, attentionNorms, of: &hidden, pass, then: applyFeedForward)
    }
    return result
  }

  /// What follows the heads' outputs, which are in the workspace: they are joined, added and normalised,
  /// and so on with the same rows.
  private func finish(
    _ layer: MultiHeadAttention, _ norms: Norms, of hidden: inout Tensor, _ pass: TransformerPass,
    then next: @Sendable (RowBlock, UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    guard let mixed = pass.workspace.mixed else { return }
    let tokens = hidden.shape[0]
    try mixed.withUnsafeBase { mixed in
      try hidden.withUnsafeMutableScalars { hidden in
        guard let base = hidden.baseAddress else { return }
        nonisolated(unsafe) let (mixed, firstRow) = (mixed, base)
        try RowBlock.forEach(of: tokens) { block in
          let first = block.rows.lowerBound
          let (rows, x) = (block.rows.count, firstRow + first * width)
          let heads = mixed + first * layer.output.inputWidth
          try add(block, norms, to: x) { y, adds in
            try block.multiply(
              adds
                ? layer.output.product(rowCount: rows, of: heads, addingTo: y)
                : layer.output.product(rowCount: rows, of: heads, into: y))
          }
          try next(block, x)
        }
      }
    }
  }

  @Sendable
  private func applyFeedForward(_ block: RowBlock, to x: UnsafeMutablePointer<Float>) throws {
    try add(block, feedForwardNorms, to: x) { y, adds in
      try feedForwardNorms.input.withNormalized(block, x, width: width) {
        try feedForward.apply(block, $0, to: y, adds: adds)
      }
    }
  }

  /// x ← sum(x + branch(f)), for a block's rows.
  ///
  /// - Parameter layer: writes f to rows of its own, or adds it to x.
  private func add(
    _ block: RowBlock, _ norms: Norms, to x: UnsafeMutablePointer<Float>,
    _ layer: (_ y: UnsafeMutablePointer<Float>, _ adds: Bool) throws -> Void
  ) throws {
    if let branch = norms.branch {
      let count = block.rows.count * width
      try Scratch.withFloats(count: count) { y in
        try layer(y, false)
        branch.apply(block, to: y)
        block.loops.add(UnsafeMutableBufferPointer(start: x, count: count), y)
      }
    } else {
      try layer(x, true)
    }
    norms.sum?.apply(block, to: x)
  }
}
