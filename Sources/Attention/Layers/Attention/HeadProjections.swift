/// Q, K and V, split into heads: `[token, head, dimension]`. Tensors that were not projected are empty.
struct AttentionHeads {
  var queries: Tensor
  var keys: Tensor
  var values: Tensor
}

/// The projections to apply to one input.
struct HeadProjections: OptionSet {
  let rawValue: Int

  static let queries = HeadProjections(rawValue: 1)
  static let keys = HeadProjections(rawValue: 2)
  static let values = HeadProjections(rawValue: 4)
  /// Q, K and V: self-attention.
  static let all: HeadProjections = [.queries, .keys, .values]
}

extension MultiHeadAttention {
  /// Projects an input, splits the results into heads and normalizes them, one block of rows after the
  /// other.
  ///
  /// - Parameters:
  ///   - input: `[token, feature]`; the number of features must match the projections.
  ///   - norm: applied to the input first; nil for none.
  ///   - workspace: memory for the results. The method takes the tensors out of the workspace, so that each
  ///     has one owner and can be written in place.
  func heads(
    of input: Tensor, norm: Norm? = nil, _ projections: HeadProjections,
    _ workspace: inout AttentionWorkspace
  ) throws -> AttentionHeads {
    let (tokens, features) = (input.shape[0], input.shape[1])
    func memory(
      _ projection: HeadProjections, headCount: Int, dimension: Int, _ old: inout Tensor?
    ) throws -> Tensor {
      let isProjected = projections.contains(projection)
      return try Tensor(
        uninitialized: [isProjected ? tokens : 0, headCount, dimension],
        reusing: isProjected ? old.take() : nil)
    }
    var queries = try memory(
      .queries, headCount: headCount, dimension: keyDimension, &workspace.queries)
    var keys = try memory(
      .keys, headCount: keyValueHeadCount, dimension: keyDimension, &workspace.keys)
    var values = try memory(
      .values, headCount: keyValueHeadCount, dimension: valueDimension, &workspace.values)
    try queries.withUnsafeMutableBase { queries in
      try keys.withUnsafeMutableBase { keys in
        try values.withUnsafeMutableBase { values in
          try input.withUnsafeBase { input in
            nonisolated(unsafe) let x = input
            nonisolated(unsafe) let parts = [
              (
                projection: HeadProjections.queries, linear: query, norm: queryNorm, base: queries
              ),
              (.keys, key, keyNorm, keys),
              (.values, value, nil, values),
            ].filter { projections.contains($0.projection) }
            try RowBlock.forEach(of: tokens) { block in
              let (first, count) = (block.rows.lowerBound, block.rows.count)
              try norm.withNormalized(block, x + first * features, featureCount: features) { x in
                try block.multiply(
                  parts.map {
                    $0.linear.product(
                      rowCount: count, of: x, into: $0.base + first * $0.linear.outputSize)
                  })
              }
              for part in parts {
                guard let norm = part.norm else { continue }
                // One norm per head, or one over all heads.
                norm.apply(
                  block.kernels, rowCount: count * (part.linear.outputSize / norm.featureCount),
                  to: part.base + first * part.linear.outputSize)
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
      heads = try self.heads(of: input, .all, &workspace)
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
    guard let values else { return try heads(of: encoderOutput, [.keys, .values], &workspace) }
    try value.requireInput(values, "values")
    var heads = try heads(of: encoderOutput, .keys, &workspace)
    heads.values = try self.heads(of: values, .values, &workspace).values
    return heads
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
