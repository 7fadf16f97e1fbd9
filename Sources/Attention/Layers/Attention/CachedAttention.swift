/// Attention of new queries to the keys and values of a cache. Reads the cache in place.
///
/// ```swift
/// try cache.append(keys: k, values: v, lengths: [1, 4])
/// let result = try attention(
///   queries: q, cache: cache, options: AttentionOptions(mask: .causal, lengths: [1, 4]))
/// ```
///
/// The queries belong to the last tokens of each sequence. The result is the same as for the whole
/// sequence at once: masks, biases, modifiers and dropout count queries and keys from the first
/// token of the sequence, even if a rotating cache has dropped tokens. Therefore both mask
/// alignments give the same result, a prefix means the first tokens of the sequence, and distances
/// are exact. (With more queries than tokens in the cache, which does not happen in decoding,
/// queries and keys are aligned as without a cache.)
///
/// With a rotating cache, each query attends to the last `window` keys up to its own position, as
/// if `AttentionMask.window(left: window − 1, right: nil)` were part of the mask. The result does
/// not depend on how the tokens were split into chunks.
///
/// - Parameters:
///   - queries: `[query token, head, dk]`, packed sequences.
///   - cache: the keys and values. If the query tokens attend to themselves, the cache must already
///     contain their keys and values.
///   - options: as for the operator. `lengths` are the numbers of queries, one per sequence; nil
///     means the same number for each. Boolean masks and the bias tensor have a row for each query
///     and a column for each kept key: `cache.keptLengths`, packed.
///   - results: the results to return in addition to the output; weights have a column for each
///     kept key.
///   - backend: the compute backend; nil means the backend of the current scope.
/// - Returns: the output `[query token, head, dv]` and the requested results.
/// - Throws: as `attention(queries:keys:values:options:returning:on:)`; `AttentionError.argument`
///   naming "keyLengths" if they are given, or "queries" if a rotating cache has dropped keys that
///   the queries need.
/// - Complexity: O(queries · kept keys · (dk + dv)) time per head and sequence; nothing is copied.
public func attention(
  queries: Tensor, cache: KeyValueCache, options: AttentionOptions = AttentionOptions(),
  returning results: AttentionResults = [], on backend: Backend? = nil
) throws -> AttentionResult {
  try cache.result(queries: queries, options: options, returning: results, on: backend)
}

extension KeyValueCache {
  /// Attention of the queries to this cache, on the given backend.
  ///
  /// - Parameter output: memory for the output, used if it is large enough.
  func result(
    queries: Tensor, options: AttentionOptions, returning results: AttentionResults,
    on backend: Backend? = nil, output: consuming Tensor? = nil
  ) throws -> AttentionResult {
    try problem(queries: queries, options: options)
      .result(returning: results, on: backend, output: output)
  }

  /// The operator's arguments, checked.
  private func problem(queries: Tensor, options: AttentionOptions) throws -> AttentionProblem {
    let (G, D, shape) = (keyValueHeadCount, keyDimension, queries.shape)
    guard shape.rank == 3, shape[1] > 0, shape[1] % G == 0, shape[2] == D else {
      throw AttentionError.shape(
        argument: "queries",
        expected: "[token, head, \(D)] with a multiple of \(G) heads, for a cache of keys "
          + "[token, \(G), \(D)]",
        got: shape)
    }
    guard options.keyLengths == nil else {
      throw AttentionError.argument(
        "keyLengths", reason: "expected nil, because the cache has the key lengths")
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

    let sequences = regions.map {
      AttentionProblem.CachedSequence(firstRow: $0.firstKeptRow, seenLength: $0.length)
    }
    return try AttentionProblem(
      queries: queries, keys: keys, values: values, options: options, cache: sequences)
  }

  /// Throws if the rotating cache has dropped keys from the window of a query.
  private func requireWindows(of lengths: [Int], window: Int) throws {
    for (index, (region, length)) in zip(regions, lengths).enumerated() where length > 0 {
      let first = max(0, region.length - length)
      guard region.firstKept <= max(0, first - (window - 1)) else {
        throw AttentionError.argument(
          "queries",
          reason: "the first of \(length) queries of sequence \(index) needs the \(window) keys "
            + "up to token \(first), but keys before token \(region.firstKept) are no longer kept")
      }
    }
  }
}
