extension MultiHeadAttention {
  /// An empty cache for this layer's keys and values.
  ///
  /// - Throws: as `KeyValueCache.init(sequenceCount:keyValueHeadCount:keyDimension:valueDimension:policy:)`.
  public func makeCache(
    sequenceCount: Int = 1, policy: KeyValueCache.Policy = .growing
  ) throws -> KeyValueCache {
    try KeyValueCache(
      sequenceCount: sequenceCount, keyValueHeadCount: keyValueHeadCount,
      keyDimension: keyDimension, valueDimension: valueDimension, policy: policy)
  }

  /// Self-attention of new tokens, each to those before it in the cache too: a step of decoding.
  ///
  /// ```swift
  /// var cache = try layer.makeCache()
  /// let prompt = try layer(promptTokens, cache: &cache, options: AttentionOptions(mask: .causal))
  /// let next = try layer(token, cache: &cache, options: AttentionOptions(mask: .causal))
  /// ```
  ///
  /// The mask is the caller's, and means what `attention(queries:cache:options:returning:on:)` says;
  /// `cache.keptLengths(appending:)` tells how many keys boolean masks and a bias tensor must have.
  ///
  /// - Parameters:
  ///   - input: x of the new tokens, `[token, width]`, sequences end to end.
  ///   - cache: takes in their keys and values; as it was if an error is thrown.
  ///   - options: as for the operator. `lengths` are the numbers of new tokens, one a sequence; nil
  ///     means the same for each.
  ///   - positions: where the new tokens stand, for the rotary embedding; nil means after those that
  ///     have been appended.
  ///   - results: what to return beside the output.
  /// - Throws: as `KeyValueCache.append(keys:values:lengths:)` and
  ///   `attention(queries:cache:options:returning:on:)`.
  public func callAsFunction(
    _ input: Tensor, cache: inout KeyValueCache, options: AttentionOptions = AttentionOptions(),
    positions: TokenPositions? = nil, returning results: AttentionResults = []
  ) throws -> Result {
    var options = options
    options.lengths = try cache.stepLengths(
      options.lengths, total: input.shape.dimensions.first ?? 0, of: "input")
    let (queries, keys, values) = try projections(
      of: input, options: AttentionOptions(lengths: options.lengths),
      positions: positions ?? .offsets(cache.lengths))
    return try cache.append(keys: keys, values: values, lengths: options.lengths) { cache in
      let mixed = try mixed(queries: queries, options: options, returning: results) {
        try attention(queries: queries, cache: cache, options: $0, returning: $1)
      }
      return try joined(mixed)
    }
  }

  /// The keys and values of a memory, projected once for all steps of decoding that attend to it.
  ///
  /// - Parameters:
  ///   - memory: m, `[memory token, memory width]`, sequences end to end.
  ///   - values: what values are projected from, `[memory token, values' width]`; nil means m.
  ///   - lengths: the length of each sequence; nil means one sequence.
  ///   - positions: where the tokens stand in their sequences, for the rotary embedding.
  /// - Throws: `AttentionError.shape` naming "memory" or "values" when the width differs;
  ///   `AttentionError.argument` naming "lengths" when they do not add up, or "positions".
  public func makeMemoryCache(
    _ memory: Tensor, values: Tensor? = nil, lengths: [Int]? = nil,
    positions: TokenPositions = .fromStart
  ) throws -> KeyValueCache {
    var projected = try keysAndValues(of: memory, "memory", values: values)
    if let rotary {
      try rotary.table(tokenCount: memory.shape[0], positions: positions, lengths: lengths)
        .apply(to: &projected.keys)
    }
    return try KeyValueCache(keys: projected.keys, values: projected.values, lengths: lengths)
  }

  /// Cross-attention to a memory that `makeMemoryCache(_:values:lengths:positions:)` projected; nothing
  /// is appended.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`, sequences end to end.
  ///   - memory: the memory's keys and values, one sequence for each of x's.
  ///   - options: as for the operator; `lengths` as for the other cache.
  ///   - positions: where the tokens of x stand in their sequences, for the rotary embedding. Dynamic
  ///     scaling goes by them alone.
  ///   - results: what to return beside the output.
  /// - Throws: as `attention(queries:cache:options:returning:on:)`.
  public func callAsFunction(
    _ input: Tensor, memory: KeyValueCache, options: AttentionOptions = AttentionOptions(),
    positions: TokenPositions = .fromStart, returning results: AttentionResults = []
  ) throws -> Result {
    var options = options
    options.lengths = try memory.stepLengths(
      options.lengths, total: input.shape.dimensions.first ?? 0, of: "input")
    var queries = try heads(query, input, "input", count: headCount, norm: queryNorm)
    if let rotary {
      try rotary.table(
        tokenCount: queries.shape[0], positions: positions, lengths: options.lengths
      ).apply(to: &queries)
    }
    let mixed = try mixed(queries: queries, options: options, returning: results) {
      try attention(queries: queries, cache: memory, options: $0, returning: $1)
    }
    return try joined(mixed)
  }
}
