extension MultiHeadAttention {
  /// An empty cache for this layer's keys and values.
  ///
  /// - Throws: as `KeyValueCache.init(sequenceCount:keyValueHeadCount:keyDimension:valueDimension:policy:)`.
  public func makeCache(
    sequenceCount: Int = 1, policy: KeyValueCache.Policy = .growing
  ) throws -> KeyValueCache {
    try refusePositions("a cache")
    return try KeyValueCache(
      sequenceCount: sequenceCount, keyValueHeadCount: keyValueHeadCount,
      keyDimension: keyDimension, valueDimension: valueDimension, policy: policy)
  }

  /// Self-attention of new tokens to themselves and to the tokens in the cache: one decoding step.
  ///
  /// ```swift
  /// var cache = try layer.makeCache()
  /// let prompt = try layer(promptTokens, cache: &cache, options: AttentionOptions(mask: .causal))
  /// let next = try layer(token, cache: &cache, options: AttentionOptions(mask: .causal))
  /// ```
  ///
  /// The default is no mask: pass `.causal` for causal decoding.
  /// `attention(queries:cache:options:returning:on:)` describes masks with a cache.
  /// `cache.keptLengths(appending:)` returns the number of keys that boolean masks and a bias
  /// tensor must have.
  ///
  /// - Parameters:
  ///   - input: x of the new tokens, `[token, hidden size]`, packed sequences.
  ///   - cache: the new keys and values are appended to it. It does not change if an error is
  ///     thrown.
  ///   - options: as for the operator. `lengths` are the numbers of new tokens, one per sequence;
  ///     nil means the same number for each.
  ///   - positions: the positions of the new tokens, for the rotary embedding; nil means the
  ///     positions after the tokens in the cache.
  ///   - results: the results to return in addition to the output.
  /// - Throws: as `KeyValueCache.append(keys:values:lengths:)` and
  ///   `attention(queries:cache:options:returning:on:)`.
  public func callAsFunction(
    _ input: Tensor, cache: inout KeyValueCache, options: AttentionOptions = AttentionOptions(),
    positions: TokenPositions? = nil, returning results: AttentionResults = []
  ) throws -> AttentionResult {
    try refusePositions("a cache")
    var options = options
    options.lengths = try cache.stepLengths(
      options.lengths, total: input.shape.dimensions.first ?? 0, of: "input")
    let (queries, keys, values) = try projections(
      of: input, options: AttentionOptions(lengths: options.lengths),
      positions: positions ?? .offsets(cache.lengths))
    return try cache.append(keys: keys, values: values, lengths: options.lengths) { cache in
      let attentionOutput = try attentionOutput(
        queries: queries, options: options, returning: results
      ) {
        try attention(queries: queries, cache: cache, options: $0, returning: $1)
      }
      return try joined(attentionOutput)
    }
  }

  /// The keys and values of an encoder output, projected once for all decoding steps.
  ///
  /// - Parameters:
  ///   - encoderOutput: m, the encoder output, `[encoder token, encoder hidden size]`, packed
  ///     sequences.
  ///   - values: the input of the value projection, `[encoder token, features]`; nil means m.
  ///   - lengths: the length of each sequence; nil means one sequence.
  ///   - positions: the positions of the encoder tokens, for the rotary embedding.
  /// - Throws: `AttentionError.shape` naming "encoderOutput" or "values" if the number of features
  ///   differs; `AttentionError.argument` naming "lengths" if they do not add up to the number of
  ///   tokens, or "positions".
  public func makeCrossAttentionCache(
    _ encoderOutput: Tensor, values: Tensor? = nil, lengths: [Int]? = nil,
    positions: TokenPositions = .fromStart
  ) throws -> KeyValueCache {
    try refusePositions("cross-attention")
    var projected = try keysAndValues(of: encoderOutput, "encoderOutput", values: values)
    if let rotary {
      try rotary.cosSin(tokenCount: encoderOutput.shape[0], positions: positions, lengths: lengths)
        .apply(to: &projected.keys)
    }
    return try KeyValueCache(keys: projected.keys, values: projected.values, lengths: lengths)
  }

  /// Cross-attention to an encoder output that
  /// `makeCrossAttentionCache(_:values:lengths:positions:)` has projected. The cache does not
  /// change.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`, packed sequences.
  ///   - crossAttentionCache: keys and values of the encoder output, one sequence for each sequence
  ///     of x.
  ///   - options: as for the operator. `lengths` are the numbers of tokens of x, one per sequence;
  ///     nil means the same number for each.
  ///   - positions: the positions of the tokens of x, for the rotary embedding. Dynamic scaling
  ///     uses only these positions.
  ///   - results: the results to return in addition to the output.
  /// - Throws: as `attention(queries:cache:options:returning:on:)`.
  public func callAsFunction(
    _ input: Tensor, crossAttentionCache: KeyValueCache,
    options: AttentionOptions = AttentionOptions(),
    positions: TokenPositions = .fromStart, returning results: AttentionResults = []
  ) throws -> AttentionResult {
    try refusePositions("cross-attention")
    var options = options
    options.lengths = try crossAttentionCache.stepLengths(
      options.lengths, total: input.shape.dimensions.first ?? 0, of: "input")
    var queries = try queries(of: input)
    if let rotary {
      try rotary.cosSin(
        tokenCount: queries.shape[0], positions: positions, lengths: options.lengths
      ).apply(to: &queries)
    }
    let attentionOutput = try attentionOutput(
      queries: queries, options: options, returning: results
    ) {
      try attention(queries: queries, cache: crossAttentionCache, options: $0, returning: $1)
    }
    return try joined(attentionOutput)
  }
}
