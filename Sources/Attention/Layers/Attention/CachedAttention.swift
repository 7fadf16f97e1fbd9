/// Mixes the values of a cache by how well each query matches its keys, which are read where they
/// lie.
///
/// ```swift
/// try cache.append(keys: k, values: v, lengths: [1, 4])
/// let result = try attention(
///   queries: q, cache: cache, options: AttentionOptions(mask: .causal, lengths: [1, 4]))
/// ```
///
/// The queries of a sequence are those of its last tokens, and get what they would get if all its
/// tokens were computed at once: masks, biases, modifiers and dropout count queries and keys from the
/// sequence's first token. So both alignments are the same here; a prefix is that of the sequence, of
/// which a rotating cache may have dropped some; and distances are right whatever was dropped. (Where
/// there are more queries than tokens in the cache, which decoding never has, they are aligned as
/// without one.)
///
/// Of a rotating cache, each query sees the last `window` keys up to its own, as if
/// `AttentionMask.window(left: window − 1, right: nil)` were part of the mask: the result does not
/// depend on how the tokens were cut into chunks.
///
/// - Parameters:
///   - queries: `[query token, head, dk]`, sequences end to end.
///   - cache: the keys and values, those of the queries' tokens included where they attend to
///     themselves.
///   - options: as for the operator. `lengths` are those of the queries, one a sequence; nil means the
///     same for each. Boolean masks and the bias tensor have a row for each of these queries, and a
///     column for each key that is kept: `cache.keptLengths`, sequences end to end.
///   - results: what to return beside the output; weights have a column for each key that is kept.
///   - backend: who computes; nil means the scope's.
/// - Returns: the output `[query token, head, dv]` and what was asked for.
/// - Throws: as `attention(queries:keys:values:options:returning:on:)`; `AttentionError.argument` naming
///   "keyLengths" where they are given, or "queries" where a rotating cache has dropped what they see.
/// - Complexity: O(queries · kept keys · (dk + dv)) time a head and sequence; nothing is copied.
public func attention(
  queries: Tensor, cache: KeyValueCache, options: AttentionOptions = AttentionOptions(),
  returning results: AttentionResults = [], on backend: Backend? = nil
) throws -> AttentionResult {
  try cache.result(queries: queries, options: options, returning: results, on: backend)
}

extension KeyValueCache {
  /// What the given backend computes.
  ///
  /// - Parameter output: memory for the output, used where it has the right shape.
  func result(
    queries: Tensor, options: AttentionOptions, returning results: AttentionResults,
    on backend: Backend? = nil, output: consuming Tensor? = nil
  ) throws -> AttentionResult {
    let compute = try Compute.adjusted(backend: backend, threads: nil)
    return try problem(
      queries: queries, options: options, isPacked: compute.backend == .reference
    ).result(options: options, returning: results, on: backend, output: output)
  }

  /// The operator's arguments, checked.
  ///
  /// - Parameter isPacked: whether to copy the kept keys and values, for who reads whole tensors.
  private func problem(
    queries: Tensor, options: AttentionOptions, isPacked: Bool
  ) throws -> AttentionProblem {
    let (G, D, shape) = (keyValueHeadCount, keyDimension, queries.shape)
    guard shape.rank == 3, shape[1] > 0, shape[1] % G == 0, shape[2] == D else {
      throw AttentionError.shape(
        argument: "queries",
        expected: "[token, head, \(D)] with a multiple of \(G) heads, for a cache of keys "
          + "[token, \(G), \(D)]",
        got: shape)
    }
    guard options.keyLengths == nil else {
      throw AttentionError.argument("keyLengths", reason: "given where the cache has its own")
    }
    let lengths = try stepLengths(options.lengths, total: shape[0], of: "queries")
    var options = options
    options.lengths = lengths
    options.keyLengths = keptLengths
    if case .rotating(let window) = policy {
      try requireWindows(of: lengths, window: window)
      if regions.contains(where: { $0.kept.count > window }) {
        options.mask = options.mask.intersection(.window(left: window - 1, right: nil))
      }
    }

    let (keys, values) = isPacked ? try packed() : (keys, values)
    var end = 0
    let sequences = regions.map { region in
      defer { end += region.kept.count }
      return AttentionProblem.CachedSequence(
        firstRow: isPacked ? end : region.firstKeptRow, seenLength: region.length)
    }
    return try AttentionProblem(
      queries: queries, keys: keys, values: values, options: options, cache: sequences)
  }

  /// Refuses queries of tokens so far back that part of their window is no longer kept.
  private func requireWindows(of lengths: [Int], window: Int) throws {
    for (index, (region, length)) in zip(regions, lengths).enumerated() where length > 0 {
      let first = max(0, region.length - length)
      guard region.firstKept <= max(0, first - (window - 1)) else {
        throw AttentionError.argument(
          "queries",
          reason: "the first of \(length) in sequence \(index) would see the \(window) keys up to "
            + "token \(first), of which those before \(region.firstKept) are no longer kept")
      }
    }
  }
}
