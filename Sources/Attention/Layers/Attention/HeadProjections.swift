/// Q, K and V, split into heads: `[token, head, dimension]`. Tensors that were not projected are empty.
struct AttentionHeads {
  var queries: Tensor
  var keys: Tensor
  var values: Tensor
}

/// The projections that a layer applies to one input.
enum HeadProjections {
  /// Q: cross-attention, whose keys and values come from another input.
  case queries
  /// K and V.
  case keysValues
  /// Q, K and V: self-attention.
  case queriesKeysValues
}

extension MultiHeadAttention {
  /// Projects an input, splits the results into heads and normalizes them, one block of rows after the
  /// other.
  ///
  /// - Parameters:
  ///   - input: `[token, feature]`; the number of features must match the projections.
  ///   - norm: applied to the input first; nil for none.
  ///   - workspace: memory for the results. Its tensors are taken out, so that each has one owner and is
  ///     written in place.
  func heads(
    of input: Tensor, norm: Norm? = nil, _ projections: HeadProjections,
    _ workspace: inout AttentionWorkspace
  ) throws -> AttentionHeads {
    let (tokens, features) = (input.shape[0], input.shape[1])
    let (projectsQueries, projectsKeys) = (projections != .keysValues, projections != .queries)
    var queries = try Tensor(
      uninitialized: [projectsQueries ? tokens : 0, headCount, keyDimension],
      reusing: projectsQueries ? workspace.queries.take() : nil)
    var keys = try Tensor(
      uninitialized: [projectsKeys ? tokens : 0, keyValueHeadCount, keyDimension],
      reusing: projectsKeys ? workspace.keys.take() : nil)
    var values = try Tensor(
      uninitialized: [projectsKeys ? tokens : 0, keyValueHeadCount, valueDimension],
      reusing: projectsKeys ? workspace.values.take() : nil)
    try queries.withUnsafeMutableBase { queries in
      try keys.withUnsafeMutableBase { keys in
        try values.withUnsafeMutableBase { values in
          try input.withUnsafeBase { input in
            nonisolated(unsafe) let (x, queries, keys, values) = (input, queries, keys, values)
            try RowBlock.forEach(of: tokens) { block in
              let (first, count) = (block.rows.lowerBound, block.rows.count)
              try norm.withNormalized(block, x + first * features, featureCount: features) { x in
                var products: [PanelProduct] = []
                if projectsQueries {
                  let q = queries + first * query.outputSize
                  products.append(query.product(rowCount: count, of: x, into: q))
                }
                if projectsKeys {
                  let (k, v) = (keys + first * key.outputSize, values + first * value.outputSize)
                  products.append(key.product(rowCount: count, of: x, into: k))
                  products.append(value.product(rowCount: count, of: x, into: v))
                }
                try block.multiply(products)
              }
              if projectsQueries {
                queryNorm?.apply(
                  block.kernels, rowCount: count * headCount,
                  to: queries + first * query.outputSize)
              }
              if projectsKeys {
                keyNorm?.apply(
                  block.kernels, rowCount: count * keyValueHeadCount,
                  to: keys + first * key.outputSize)
              }
            }
          }
        }
      }
    }
    return AttentionHeads(queries: queries, keys: keys, values: values)
  }

  /// Q, K and V, split into heads. A rotary embedding is applied to Q and K.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`.
  ///   - encoderOutput: m, the encoder output, `[encoder token, encoder hidden size]`; nil means x.
  ///   - values: the input of the value projection, `[encoder token, features]`; nil means m.
  ///   - options: the lengths of packed sequences; other options are ignored.
  ///   - positions: the positions of the tokens of x. For tokens that follow cached tokens, use
  ///     `.offsets` with the lengths of the cache.
  ///   - encoderPositions: the positions of the tokens of m, if it is given.
  /// - Returns: `[token, head, dk]`, `[encoder token, key-value head, dk]` and
  ///   `[encoder token, key-value head, dv]`.
  /// - Throws: `AttentionError.shape` naming the input whose number of features differs;
  ///   `AttentionError.argument` naming "values" if they are required, and with a rotary embedding
  ///   "positions" or "lengths".
  public func projections(
    of input: Tensor, encoderOutput: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    encoderPositions: TokenPositions = .fromStart
  ) throws -> (queries: Tensor, keys: Tensor, values: Tensor) {
    try query.requireInput(input, "input")
    var heads: AttentionHeads
    if encoderOutput == nil, values == nil, value.inputSize == key.inputSize {
      try key.requireInput(input, "input")
      var workspace = AttentionWorkspace()
      heads = try self.heads(of: input, .queriesKeysValues, &workspace)
    } else {
      heads = try keysAndValues(
        of: encoderOutput ?? input, encoderOutput == nil ? "input" : "encoderOutput",
        values: values)
      heads.queries = try queries(of: input)
    }
    if let rotary {
      try rotary.apply(
        queries: &heads.queries, keys: &heads.keys, options: options, positions: positions,
        keyPositions: encoderOutput == nil ? positions : encoderPositions)
    }
    return (heads.queries, heads.keys, heads.values)
  }

  /// Q, split into heads, without the rotary embedding.
  func queries(of input: Tensor) throws -> Tensor {
    try query.requireInput(input, "input")
    var workspace = AttentionWorkspace()
    return try heads(of: input, .queries, &workspace).queries
  }

  /// K and V, split into heads, without the rotary embedding.
  ///
  /// - Parameter name: the name of `encoderOutput` in errors.
  func keysAndValues(
    of encoderOutput: Tensor, _ name: String, values: Tensor?
  ) throws -> AttentionHeads {
    guard values != nil || value.inputSize == key.inputSize else {
      throw AttentionError.argument(
        "values",
        reason: "required, because values are projected from \(value.inputSize) features and "
          + "keys from \(key.inputSize)")
    }
    try key.requireInput(encoderOutput, name)
    var workspace = AttentionWorkspace()
    guard let values else { return try heads(of: encoderOutput, .keysValues, &workspace) }
    try value.requireInput(values, "values")
    var projected = try key(encoderOutput)
    if let keyNorm {
      projected = try keyNorm(
        projected.reshaped(to: [encoderOutput.shape[0] * keyValueHeadCount, keyDimension]))
    }
    return AttentionHeads(
      queries: try Tensor(shape: [0], scalars: []),
      keys: try projected.reshaped(
        to: [encoderOutput.shape[0], keyValueHeadCount, keyDimension]),
      values: try value(values).reshaped(to: [values.shape[0], keyValueHeadCount, valueDimension]))
  }
}

extension Linear {
  /// - Parameter name: the name of the input in errors.
  /// - Throws: `AttentionError.shape` if the number of features differs.
  fileprivate func requireInput(_ input: Tensor, _ name: String) throws {
    guard input.shape.rank == 2, input.shape[1] == inputSize else {
      throw AttentionError.shape(
        argument: name,
        expected: "[\(name == "input" ? "token" : "encoder token"), \(inputSize)]",
        got: input.shape)
    }
  }
}
