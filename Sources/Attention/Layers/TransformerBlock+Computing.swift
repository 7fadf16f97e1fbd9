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
    let observer = pass.observer
    let result = try attention.attendHeads(
      hidden, norm: attentionNorms.pre, projecting: .all, cosSin: cosSin,
      options: options, returning: pass.results, &pass.workspace
    ) { heads, options, results, memory in
      try TransformerObservation.attend(observer, heads, options: options, returning: results) {
        try attend(heads, options, $0, &memory)
      }
    }
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
        try TransformerObservation.attend(
          observer, heads, cache: crossAttentionCache, options: options, returning: results
        ) {
          try crossAttentionCache.result(
            queries: heads.queries, options: options, returning: $0, output: memory.take())
        }
      }
      try finish(crossAttention, crossNorms, of: &hidden, pass)
    } else {
      try finish(attention, attentionNorms, of: &hidden, pass)
    }
    if let convolution, let input {
      try convolution.apply(input, lengths: pass.lengths, to: &hidden)
    }
    try observer?.finishedBlock(hidden)
    return result
  }

  /// Finishes the last attention layer of the block, and applies the feed-forward layer.
  private func finish(
    _ layer: MultiHeadAttention, _ norms: Norms, of hidden: inout Tensor, _ pass: TransformerPass
  ) throws {
    if isParallel {
      let output = try feedForwardOutput(of: hidden)
      try finish(layer, norms, of: &hidden, pass, then: { _, _ in })
      return try hidden.add(output)
    }
    switch feedForward {
    case .dense(let feedForward):
      try finish(layer, norms, of: &hidden, pass) { block, x in
        try add(block, feedForwardNorms, to: x) { y, adds in
          try feedForwardNorms.pre.withNormalized(block, x, featureCount: hiddenSize) {
            try feedForward.apply(block, $0, to: y, adds: adds)
          }
        }
      }
    case .experts:
      // The rows of an expert come from all blocks of rows.
      try finish(layer, norms, of: &hidden, pass, then: { _, _ in })
      try hidden.add(feedForwardOutput(of: hidden))
      try feedForwardNorms.post?.apply(to: &hidden)
    }
  }

  /// r · sandwich(feedForward(pre(x))) for all rows.
  private func feedForwardOutput(of hidden: Tensor) throws -> Tensor {
    var output = try feedForward(feedForwardNorms.pre?(hidden) ?? hidden)
    try feedForwardNorms.sandwich?.apply(to: &output)
    if residualScale != 1 { try output.scale(by: residualScale) }
    return output
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

  /// x ← post(x + r · sandwich(f)), for the rows of a block.
  ///
  /// - Parameter layer: writes f to y, or adds it to y if `adds`.
  private func add(
    _ block: RowBlock, _ norms: Norms, to x: UnsafeMutablePointer<Float>,
    _ layer: (_ y: UnsafeMutablePointer<Float>, _ adds: Bool) throws -> Void
  ) throws {
    if norms.sandwich != nil || residualScale != 1 {
      let count = block.rows.count * hiddenSize
      try Scratch.withFloats(count: count) { y in
        try layer(y, false)
        norms.sandwich?.apply(block, to: y)
        if residualScale != 1 {
          block.kernels.scale(
            UnsafeMutableBufferPointer(start: y, count: count), by: residualScale)
        }
        block.kernels.add(UnsafeMutableBufferPointer(start: x, count: count), y)
      }
    } else {
      try layer(x, true)
    }
    norms.post?.apply(block, to: x)
  }
}
