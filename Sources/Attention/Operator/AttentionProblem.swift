/// The operator's arguments, checked: kernels rely on every size.
package final class AttentionProblem: Sendable {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let scale: ScoreScale
  /// Every change to the scores, in order: softcap, the caller's modifiers, the bias tensor.
  let modifiers: [any ScoreModifier]
  /// The caller's modifiers among `modifiers`.
  let callerModifiers: Range<Int>
  /// The additive tensor among `modifiers`.
  let biasIndex: Int?
  /// One logit a head; nil for none.
  let sinks: [Float]?
  let dropout: AttentionDropout?
  /// The packed sequences, each with its mask.
  let sequences: [SequenceMask]

  var headCount: Int { queries.shape[1] }
  var keyValueHeadCount: Int { keys.shape[1] }
  /// dk.
  var keyDimension: Int { queries.shape[2] }
  /// dv.
  var valueDimension: Int { values.shape[2] }
  var queryCount: Int { queries.shape[0] }
  /// The number of keys: all rows of `keys`, or the kept keys of a cache.
  let keyCount: Int

  /// The key-value head of a query head.
  func keyValueHead(of head: Int) -> Int { head / (headCount / keyValueHeadCount) }

  /// The dropout factor of a weight; `query` and `key` are counted within the queries and keys of
  /// this call.
  func dropoutFactor(_ sequence: SequenceMask, head: Int, query: Int, key: Int) -> Float {
    dropout?.factor(
      head: head, sequence: sequence.index, query: sequence.queryOffset + query,
      key: sequence.keyOffset + key) ?? 1
  }

  /// The first row of a sequence in a cache, and the number of tokens that were appended to it.
  struct CachedSequence {
    let firstRow: Int
    let seenLength: Int
  }

  /// Validates the arguments.
  ///
  /// - Parameter cache: for keys and values in a cache, the location of each sequence. The options'
  ///   `keyLengths` are the numbers of kept keys.
  init(
    queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions,
    cache: [CachedSequence]? = nil
  ) throws {
    for (name, tensor) in [("queries", queries), ("keys", keys), ("values", values)]
    where tensor.shape.rank != 3 {
      throw AttentionError.shape(
        argument: name, expected: "[token, head, dimension]", got: tensor.shape)
    }
    let (q, k, v) = (queries.shape, keys.shape, values.shape)
    guard q[1] > 0 else {
      throw AttentionError.shape(argument: "queries", expected: "at least 1 head", got: q)
    }
    guard q[2] > 0 else {
      throw AttentionError.shape(
        argument: "queries", expected: "a head dimension of at least 1", got: q)
    }
    guard k[2] == q[2] else {
      throw AttentionError.shape(
        argument: "keys", expected: "the head dimension \(q[2]) of queries \(q)", got: k)
    }
    guard k[1] > 0, q[1] % k[1] == 0 else {
      throw AttentionError.shape(
        argument: "keys",
        expected: "a number of heads that divides the \(q[1]) heads of queries \(q)", got: k)
    }
    guard v[0] == k[0] else {
      throw AttentionError.shape(
        argument: "values", expected: "the \(k[0]) tokens of keys \(k)", got: v)
    }
    guard v[1] == k[1] else {
      throw AttentionError.shape(
        argument: "values", expected: "the \(k[1]) heads of keys \(k)", got: v)
    }
    if let scale = options.scale { try requireFinite(scale: scale) }
    if let sinks = options.sinks, sinks.shape != [q[1]] {
      throw AttentionError.shape(
        argument: "sinks", expected: "[\(q[1])], one logit per head", got: sinks.shape)
    }
    if let sinks = options.sinks?.scalars,
      let head = sinks.firstIndex(where: { $0.isNaN || $0 == .infinity })
    {
      throw AttentionError.argument(
        "sinks", reason: "expected finite numbers or -∞, got \(sinks[head]) for head \(head)")
    }
    keyCount = cache == nil ? k[0] : (options.keyLengths ?? []).reduce(0, +)
    try options.mask.validate(headCount: q[1], queryCount: q[0], keyCount: keyCount)
    let first = options.softcap == nil ? 0 : 1
    callerModifiers = first..<first + options.modifiers.count
    biasIndex = options.bias == nil ? nil : callerModifiers.upperBound
    modifiers =
      (options.softcap.map { [Softcap(cap: $0)] } ?? []) + options.modifiers
      + (options.bias.map { [TensorBias(tensor: $0)] } ?? [])
    for modifier in modifiers {
      try modifier.validate(headCount: q[1], queryCount: q[0], keyCount: keyCount)
    }
    sinks = options.sinks?.scalars
    dropout = options.dropout

    self.queries = queries
    self.keys = keys
    self.values = values
    self.scale = ScoreScale(options.scale ?? 1 / Float(q[2]).squareRoot())
    let spans = try Self.spans(
      lengths: options.lengths, keyLengths: options.keyLengths, queryCount: q[0],
      keyCount: keyCount)
    self.sequences = spans.enumerated().map { index, span in
      guard let cached = cache?[index] else {
        return SequenceMask(
          index: index, queries: span.queries, keys: span.keys, firstKeyRow: span.keys.lowerBound,
          mask: options.mask)
      }
      return SequenceMask(
        index: index, queries: span.queries, keys: span.keys, firstKeyRow: cached.firstRow,
        queryOffset: max(0, cached.seenLength - span.queries.count),
        keyOffset: cached.seenLength - span.keys.count, mask: options.mask)
    }
  }

  /// The ranges of each sequence's queries and keys within the packed tokens.
  private static func spans(
    lengths: [Int]?, keyLengths: [Int]?, queryCount: Int, keyCount: Int
  ) throws -> [(queries: Range<Int>, keys: Range<Int>)] {
    guard let lengths else {
      guard keyLengths == nil else {
        throw AttentionError.argument(
          "keyLengths", reason: "requires lengths, the lengths of the queries")
      }
      return [(0..<queryCount, 0..<keyCount)]
    }
    let queries = try packedRanges(lengths, total: queryCount, name: "lengths", of: "queries")
    let keys = try packedRanges(
      keyLengths ?? lengths, total: keyCount, name: keyLengths == nil ? "lengths" : "keyLengths",
      of: "keys")
    guard queries.count == keys.count else {
      throw AttentionError.argument(
        "keyLengths",
        reason: "expected \(queries.count) lengths, one per sequence of queries, got \(keys.count)")
    }
    return Array(zip(queries, keys)).map { (queries: $0, keys: $1) }
  }
}
