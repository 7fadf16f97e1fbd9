/// The operator's arguments, checked: whoever computes can rely on every size.
final class AttentionProblem: Sendable {
  let queries: Tensor
  let keys: Tensor
  let values: Tensor
  let scale: ScoreScale
  /// Every change to the scores, in order: soft cap, the caller's, the additive tensor.
  let modifiers: [any ScoreModifier]
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
  /// The keys that take part: all rows of `keys`, or those that a cache keeps.
  let keyCount: Int

  /// The key-value head that a query head reads.
  func keyValueHead(of head: Int) -> Int { head / (headCount / keyValueHeadCount) }

  /// What dropout multiplies a weight by; its query and key are counted among those at hand.
  func dropoutFactor(_ sequence: SequenceMask, head: Int, query: Int, key: Int) -> Float {
    dropout?.factor(
      head: head, sequence: sequence.index, query: sequence.earlierQueries + query,
      key: sequence.droppedKeys + key) ?? 1
  }

  /// Where a cache holds the keys of a sequence, and how many tokens it has seen of it.
  struct CachedSequence {
    let firstRow: Int
    let seenLength: Int
  }

  /// The arguments, checked.
  ///
  /// - Parameter cache: for keys and values that a cache holds among others, where each sequence's
  ///   stand; the options' `keyLengths` say how many there are.
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
        argument: "values", expected: "as many tokens as there are key tokens in keys \(k)", got: v)
    }
    guard v[1] == k[1] else {
      throw AttentionError.shape(
        argument: "values", expected: "the \(k[1]) heads of keys \(k)", got: v)
    }
    if let scale = options.scale { try requireFinite(scale: scale) }
    if let sinks = options.sinks, sinks.shape != [q[1]] {
      throw AttentionError.shape(
        argument: "sinks", expected: "[\(q[1])], one logit a head", got: sinks.shape)
    }
    if let sinks = options.sinks?.scalars,
      let head = sinks.firstIndex(where: { $0.isNaN || $0 == .infinity })
    {
      throw AttentionError.argument(
        "sinks", reason: "expected numbers below ∞, got \(sinks[head]) for head \(head)")
    }
    keyCount = cache == nil ? k[0] : (options.keyLengths ?? []).reduce(0, +)
    try options.mask.validate(headCount: q[1], queryCount: q[0], keyCount: keyCount)
    modifiers =
      (options.softCap.map { [SoftCap(cap: $0)] } ?? []) + options.modifiers
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
        earlierQueries: max(0, cached.seenLength - span.queries.count),
        droppedKeys: cached.seenLength - span.keys.count, mask: options.mask)
    }
  }

  /// Where each sequence's queries and keys stand among the packed tokens.
  private static func spans(
    lengths: [Int]?, keyLengths: [Int]?, queryCount: Int, keyCount: Int
  ) throws -> [(queries: Range<Int>, keys: Range<Int>)] {
    guard let lengths else {
      guard keyLengths == nil else {
        throw AttentionError.argument(
          "keyLengths", reason: "given without the queries' lengths")
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
        reason: "expected \(queries.count) lengths, one a sequence of queries, got \(keys.count)")
    }
    return Array(zip(queries, keys)).map { (queries: $0, keys: $1) }
  }
}

/// Consecutive ranges of the given lengths, which must make up `total` tokens.
///
/// - Throws: `AttentionError.argument` with `name` for a negative length or another sum.
package func packedRanges(
  _ lengths: [Int], total: Int, name: String, of tokens: String
) throws -> [Range<Int>] {
  if let negative = lengths.first(where: { $0 < 0 }) {
    throw AttentionError.argument(name, reason: "negative length \(negative) among the lengths")
  }
  var ranges: [Range<Int>] = []
  ranges.reserveCapacity(lengths.count)
  var end = 0
  for length in lengths {
    let (sum, overflow) = end.addingReportingOverflow(length)
    guard !overflow else {
      throw AttentionError.overflow("the sum of the \(name) exceeds \(Int.max)")
    }
    ranges.append(end..<sum)
    end = sum
  }
  guard end == total else {
    throw AttentionError.argument(
      name, reason: "the lengths add up to \(end), not to the \(total) tokens of \(tokens)")
  }
  return ranges
}
