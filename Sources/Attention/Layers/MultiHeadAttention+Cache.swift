extension MultiHeadAttention {
  /// An empty cache for this layer's keys and values.
  ///
  /// - Throws: as `KeyValueCache.init(sequenceCount:keyValueHeadCount:keyDimension:valueDimension:policy:)`.
  public func makeCache(
    sequenceCount: Int = 1, policy: KeyValueCache.Policy = .growing
  ) throws -> KeyValueCache {
    try KeyValueCache(
      sequenceCount: sequenceCount, keyValueHeadCount: keyValueHeadCount,
      keyDimension: key.outputWidth / keyValueHeadCount,
      valueDimension: value.outputWidth / keyValueHeadCount, policy: policy)
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
  ///   - results: what to return beside the output.
  /// - Throws: as `KeyValueCache.append(keys:values:lengths:)` and
  ///   `attention(queries:cache:options:returning:on:)`.
  public func callAsFunction(
    _ input: Tensor, cache: inout KeyValueCache, options: AttentionOptions = AttentionOptions(),
    returning results: AttentionResults = []
  ) throws -> Result {
    var options = options
    options.lengths = try cache.stepLengths(
      options.lengths, total: input.shape.dimensions.first ?? 0, of: "input")
    let (queries, keys, values) = try projections(
      of: input, options: options, positions: .offsets(cache.lengths))
    return try cache.append(keys: keys, values: values, lengths: options.lengths) { cache in
      try joined(
        mixed(queries: queries, options: options, returning: results) { options, results in
          try attention(queries: queries, cache: cache, options: options, returning: results)
        })
    }
  }

  /// The keys and values of a memory, projected once for all steps of decoding that attend to it.
  ///
  /// - Parameters:
  ///   - memory: m, `[memory token, memory width]`, sequences end to end.
  ///   - lengths: the length of each sequence; nil means one sequence.
  /// - Throws: `AttentionError.shape` naming "memory" when the width differs; `AttentionError.argument`
  ///   naming "lengths" when they do not add up.
  public func makeMemoryCache(_ memory: Tensor, lengths: [Int]? = nil) throws -> KeyValueCache {
    var keys = try heads(key, memory, "memory", count: keyValueHeadCount)
    let values = try heads(value, memory, "memory", count: keyValueHeadCount)
    let cache = try KeyValueCache(keys: keys, values: values, lengths: lengths)
    guard let rotary else { return cache }
    keys = try rotary(keys, lengths: cache.lengths)
    return try KeyValueCache(keys: keys, values: values, lengths: lengths)
  }

  /// Cross-attention to a memory that `makeMemoryCache(_:lengths:)` projected; nothing is appended.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`, sequences end to end.
  ///   - memory: the memory's keys and values, one sequence for each of x's.
  ///   - options: as for the operator; `lengths` as for the other cache.
  ///   - positions: where the tokens of x stand in their sequences, for the rotary embedding.
  ///   - results: what to return beside the output.
  /// - Throws: as `attention(queries:cache:options:returning:on:)`.
  public func callAsFunction(
    _ input: Tensor, memory: KeyValueCache, options: AttentionOptions = AttentionOptions(),
    positions: TokenPositions = .fromStart, returning results: AttentionResults = []
  ) throws -> Result {
    var queries = try heads(query, input, "input", count: headCount)
    if let rotary {
      let lengths = try memory.stepLengths(
        options.lengths, total: queries.shape[0], of: "queries")
      queries = try rotary(queries, positions: positions, lengths: lengths)
    }
    return try joined(
      mixed(queries: queries, options: options, returning: results) { options, results in
        try attention(queries: queries, cache: memory, options: options, returning: results)
      })
  }
}
