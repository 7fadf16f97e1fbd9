/// Buffers for the intermediate tensors of an attention layer. Later layers reuse them, so only the
/// first layer allocates.
struct AttentionWorkspace {
  /// Q, K and V, `[token, head, dimension]`.
  var queries: Tensor?
  var keys: Tensor?
  var values: Tensor?
  /// The attention output of all heads, `[token, head, dv]`.
  var attentionOutput: Tensor?
}

extension MultiHeadAttention {
  /// Computes attention; `output` is memory for the attention output.
  typealias Attend = (
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, AttentionOptions, AttentionResults,
    _ output: Tensor?
  ) throws -> AttentionResult

  /// Attention over the given queries, keys and values, without a cache.
  static func attend(
    queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions,
    results: AttentionResults, output: Tensor?
  ) throws -> AttentionResult {
    try AttentionProblem(queries: queries, keys: keys, values: values, options: options)
      .result(options: options, returning: results, on: nil, output: output)
  }

  /// Computes Q, K and V for the rows of a block.
  ///
  /// - Parameter x: the block's first row of the input.
  private func project(
    _ block: RowBlock, _ x: UnsafePointer<Float>, queries: UnsafeMutablePointer<Float>,
    keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>
  ) throws {
    let (first, count) = (block.rows.lowerBound, block.rows.count)
    let (q, k) = (queries + first * query.outputSize, keys + first * key.outputSize)
    try block.multiply(
      query.product(rowCount: count, of: x, into: q), key.product(rowCount: count, of: x, into: k),
      value.product(rowCount: count, of: x, into: values + first * value.outputSize))
    queryNorm?.apply(block.loops, rowCount: count * headCount, to: q)
    keyNorm?.apply(block.loops, rowCount: count * keyValueHeadCount, to: k)
  }

  /// Calls `body` for each block of rows, with the address of its first row after the norm.
  private func forEachBlock(
    of input: Tensor, norm: Norm?,
    _ body: @Sendable (RowBlock, UnsafePointer<Float>) throws -> Void
  ) throws {
    let (tokens, hiddenSize) = (input.shape[0], query.inputSize)
    try input.withUnsafeBase { input in
      nonisolated(unsafe) let x = input
      try RowBlock.forEach(of: tokens) { block in
        try norm.withNormalized(
          block, x + block.rows.lowerBound * hiddenSize, featureCount: hiddenSize
        ) {
          try body(block, $0)
        }
      }
    }
  }

  /// Self-attention without the output projection. Stores the attention output in the workspace.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`; the hidden size must match the layer.
  ///   - norm: applied to x first; nil for none.
  ///   - cosSin: cosines and sines that rotate queries and keys; nil for none.
  ///   - attend: computes attention over the queries, keys and values, with or without a cache.
  /// - Returns: the requested results without the output.
  func attendHeads(
    _ input: Tensor, norm: Norm?, cosSin: RotaryCache?, options: AttentionOptions,
    returning results: AttentionResults, _ workspace: inout AttentionWorkspace,
    attend: Attend
  ) throws -> AttentionResult {
    let tokens = input.shape[0]
    // Taken out of the workspace, so that each tensor has one owner and is written in place.
    var queries = try Tensor(
      uninitialized: [tokens, headCount, keyDimension], reusing: workspace.queries.take())
    var keys = try Tensor(
      uninitialized: [tokens, keyValueHeadCount, keyDimension], reusing: workspace.keys.take())
    var values = try Tensor(
      uninitialized: [tokens, keyValueHeadCount, valueDimension],
      reusing: workspace.values.take())

    try queries.withUnsafeMutableScalars { queries in
      try keys.withUnsafeMutableScalars { keys in
        try values.withUnsafeMutableScalars { values in
          guard let queries = queries.baseAddress, let keys = keys.baseAddress,
            let values = values.baseAddress
          else { return }
          nonisolated(unsafe) let (q, k, v) = (queries, keys, values)
          try forEachBlock(of: input, norm: norm) { block, x in
            try project(block, x, queries: q, keys: k, values: v)
          }
        }
      }
    }
    try cosSin?.apply(to: &queries)
    try cosSin?.apply(to: &keys)

    let memory = workspace.attentionOutput.take()
    let result = try attentionOutput(queries: queries, options: options, returning: results) {
      try attend(queries, keys, values, $0, $1, memory)
    }
    (workspace.queries, workspace.keys, workspace.values) = (queries, keys, values)
    return try workspace.keep(result)
  }

  /// Cross-attention to a projected encoder output, without the output projection. Stores the
  /// attention output in the workspace.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`; the hidden size must match the layer.
  ///   - norm: applied to x first; nil for none.
  ///   - cosSin: cosines and sines that rotate the queries; nil for none.
  ///   - memory: keys and values of the encoder output, one sequence for each sequence of x.
  func attendHeads(
    _ input: Tensor, norm: Norm?, cosSin: RotaryCache?, crossAttentionCache: KeyValueCache,
    options: AttentionOptions, returning results: AttentionResults,
    _ workspace: inout AttentionWorkspace
  ) throws -> AttentionResult {
    var queries = try Tensor(
      uninitialized: [input.shape[0], headCount, keyDimension], reusing: workspace.queries.take())
    try queries.withUnsafeMutableScalars { queries in
      guard let queries = queries.baseAddress else { return }
      nonisolated(unsafe) let rows = queries
      try forEachBlock(of: input, norm: norm) { block, x in
        let q = rows + block.rows.lowerBound * query.outputSize
        try block.multiply(query.product(rowCount: block.rows.count, of: x, into: q))
        queryNorm?.apply(block.loops, rowCount: block.rows.count * headCount, to: q)
      }
    }
    try cosSin?.apply(to: &queries)
    let output = workspace.attentionOutput.take()
    let result = try attentionOutput(queries: queries, options: options, returning: results) {
      try crossAttentionCache.result(queries: queries, options: $0, returning: $1, output: output)
    }
    workspace.queries = queries
    return try workspace.keep(result)
  }
}

extension AttentionWorkspace {
  /// Moves the output from the result to ``attentionOutput``.
  fileprivate mutating func keep(_ result: AttentionResult) throws -> AttentionResult {
    var result = result
    attentionOutput = result.output
    result.output = try Tensor(shape: [0], scalars: [])
    return result
  }
}

extension Norm? {
  /// Calls `body` with the block's rows: a normalised copy, or the rows themselves if there is no
  /// norm.
  func withNormalized(
    _ block: RowBlock, _ x: UnsafePointer<Float>, featureCount: Int,
    _ body: (UnsafePointer<Float>) throws -> Void
  ) throws {
    guard let norm = self else { return try body(x) }
    let count = block.rows.count * featureCount
    try Scratch.withFloats(count: count) { normal in
      normal.update(from: x, count: count)
      norm.apply(block, to: normal)
      try body(normal)
    }
  }
}
