/// What a layer of attention needs between its products, kept from one layer to the next: once the first
/// has run, none allocates any more.
struct AttentionWorkspace {
  /// Q, K and V, `[token, head, dimension]`.
  var queries: Tensor?
  var keys: Tensor?
  var values: Tensor?
  /// The heads' outputs, `[token, head, dv]`.
  var mixed: Tensor?
}

extension MultiHeadAttention {
  /// Q, K and V of a block's rows.
  ///
  /// - Parameter x: the block's first row of the input.
  private func project(
    _ block: RowBlock, _ x: UnsafePointer<Float>, queries: UnsafeMutablePointer<Float>,
    keys: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>
  ) throws {
    let (first, count) = (block.rows.lowerBound, block.rows.count)
    try block.multiply(
      query.product(rowCount: count, of: x, into: queries + first * query.outputWidth),
      key.product(rowCount: count, of: x, into: keys + first * key.outputWidth),
      value.product(rowCount: count, of: x, into: values + first * value.outputWidth))
  }

  /// Self-attention up to the heads' outputs, which are left in the workspace.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`, whose width is the layer's.
  ///   - norm: applied to x first; nil for none.
  /// - Returns: what was asked for beside the output.
  func mix(
    _ input: Tensor, norm: LayerNorm?, options: AttentionOptions,
    returning results: AttentionResults,
    _ workspace: inout AttentionWorkspace
  ) throws -> AttentionResult {
    let (tokens, width) = (input.shape[0], query.inputWidth)
    let keyDimension = query.outputWidth / headCount
    let valueDimension = value.outputWidth / keyValueHeadCount
    // Taken out, so that they have one owner and are written in place.
    var queries = try Tensor(
      uninitialized: [tokens, headCount, keyDimension], reusing: workspace.queries.take())
    var keys = try Tensor(
      uninitialized: [tokens, keyValueHeadCount, keyDimension], reusing: workspace.keys.take())
    var values = try Tensor(
      uninitialized: [tokens, keyValueHeadCount, valueDimension],
      reusing: workspace.values.take())

    try input.withUnsafeBase { input in
      try queries.withUnsafeMutableScalars { queries in
        try keys.withUnsafeMutableScalars { keys in
          try values.withUnsafeMutableScalars { values in
            guard let queries = queries.baseAddress, let keys = keys.baseAddress,
              let values = values.baseAddress
            else { return }
            nonisolated(unsafe) let (x, q, k, v) = (input, queries, keys, values)
            try RowBlock.forEach(of: tokens) { block in
              let first = x + block.rows.lowerBound * width
              guard let norm else {
                return try project(block, first, queries: q, keys: k, values: v)
              }
              let count = block.rows.count * width
              try Scratch.withFloats(count: count) { normal in
                normal.update(from: first, count: count)
                norm.apply(block, to: normal)
                try project(block, normal, queries: q, keys: k, values: v)
              }
            }
          }
        }
      }
    }
    try rotary?.apply(
      queries: &queries, keys: &keys, options: options, positions: .fromStart,
      keyPositions: .fromStart)

    let memory = workspace.mixed.take()
    var result = try mixed(queries: queries, options: options, returning: results) {
      try AttentionProblem(queries: queries, keys: keys, values: values, options: $0).result(
        options: $0, returning: $1, on: nil, output: memory)
    }
    workspace.mixed = result.output
    result.output = try Tensor(shape: [0], scalars: [])
    (workspace.queries, workspace.keys, workspace.values) = (queries, keys, values)
    return result
  }
}
