/// A block of attention weights: some queries of one head against all keys of their sequence.
public struct AttentionWeightBlock: Sendable {
  /// The queries' head.
  public let head: Int
  /// The rows' queries, counted over all packed sequences.
  public let queries: Range<Int>
  /// The columns' keys, counted over all packed sequences.
  public let keys: Range<Int>
  /// P of these queries and keys, `[query, key]`: each row sums to 1, to less where a sink takes
  /// part, to 0 where nothing is kept. With dropout, as it left them.
  public let weights: Tensor
}

/// Hands over the attention weights a block of rows at a time, so that they never take memory
/// proportional to queries · keys.
///
/// The blocks come in order of sequence, then of queries, then of heads; together they are what
/// ``AttentionResults/weights`` returns, softmax(scale · QKᵀ, masked), up to rounding.
///
/// ```swift
/// try forEachAttentionWeightBlock(queries: q, keys: k, options: options) { block in
///   for row in 0..<block.queries.count { … }
/// }
/// ```
///
/// - Parameters:
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`.
///   - options: as for the operator.
///   - backend: who computes; nil means the scope's.
///   - body: takes a block; what it throws ends the walk.
/// - Throws: as ``attention(queries:keys:values:options:returning:on:)``, and what `body` throws.
/// - Complexity: O(queries · keys · dk) time a head, and the memory of a few million weights, more
///   only where a single row is longer.
public func forEachAttentionWeightBlock(
  queries: Tensor, keys: Tensor, options: AttentionOptions = AttentionOptions(),
  on backend: Backend? = nil, _ body: (AttentionWeightBlock) throws -> Void
) throws {
  // The weights do not look at the values; the keys stand in for them.
  let problem = try AttentionProblem(
    queries: queries, keys: keys, values: keys, options: options)
  let compute = try Compute.adjusted(backend: backend, threads: nil)
  try WeightBlocks(problem, compute: compute).forEach(body)
}

/// Computes whole rows of weights: all scores of a row, then their softmax.
struct WeightBlocks {
  /// The weights that exist at a time, over all heads, unless one row of each head is more.
  private static let capacity = 1 << 22
  /// The rows, and the columns of one product.
  private static let queryBlock = 128
  private static let keyBlock = 512

  private let problem: AttentionProblem
  private let compute: Compute

  init(_ problem: AttentionProblem, compute: Compute) {
    self.problem = problem
    self.compute = compute
  }

  func forEach(_ body: (AttentionWeightBlock) throws -> Void) throws {
    let H = problem.headCount
    for sequence in problem.sequences {
      let width = sequence.keys.count
      let rows = min(Self.queryBlock, max(1, Self.capacity / max(1, H * width)))
      for queries in blocks(of: 0..<sequence.queries.count, length: rows) {
        let weights = try Tensor(shape: [H, queries.count, width]) { buffer in
          guard let base = buffer.baseAddress else { return }
          try fill(base, sequence, queries)
        }
        for head in 0..<H {
          let block = try weights.rows(head..<head + 1).reshaped(to: [queries.count, width])
          try body(
            AttentionWeightBlock(
              head: head,
              queries: queries.shifted(by: sequence.queries.lowerBound), keys: sequence.keys,
              weights: block))
        }
      }
    }
  }

  /// The mean over the heads, `[query, key]`; 0 between different sequences.
  func mean() throws -> Tensor {
    var mean = try Tensor(shape: [problem.queryCount, problem.keyCount], repeating: 0)
    let share = 1 / Float(problem.headCount)
    try forEach { block in
      let keyCount = problem.keyCount
      try mean.withUnsafeMutableScalars { mean in
        block.weights.withUnsafeScalars { weights in
          for row in 0..<block.queries.count {
            let target = (block.queries.lowerBound + row) * keyCount + block.keys.lowerBound
            for column in 0..<block.keys.count {
              mean[target + column] += share * weights[row * block.keys.count + column]
            }
          }
        }
      }
    }
    return mean
  }

  /// The weights of every head for these queries, `[head, query, key]`.
  private func fill(
    _ memory: UnsafeMutablePointer<Float>, _ sequence: SequenceMask, _ queries: Range<Int>
  ) throws {
    let width = sequence.keys.count
    try problem.queries.withUnsafeBase { queryBase in
      try problem.keys.withUnsafeBase { keyBase in
        nonisolated(unsafe) let (memory, queryBase, keyBase) = (memory, queryBase, keyBase)
        try Workers.forEach(count: problem.headCount, threads: compute.threadCount) { head in
          let scores = ScorePass(
            problem: problem, kernels: compute.backend.kernels, sequence: sequence, head: head,
            queries: queryBase, keys: keyBase)
          let rows = memory + head * queries.count * width
          rows.update(repeating: 0, count: queries.count * width)
          let kept = sequence.keptKeys(queries: queries)
          try Scratch.withFloats(count: queries.count * problem.keyDimension) { queryRows in
            scores.copyQueries(queries, to: queryRows)
            for keys in blocks(of: kept, length: Self.keyBlock) {
              try scores.fill(
                scores.tile(
                  queries: queries, keys: keys, in: rows + keys.lowerBound, rowStride: width),
                queries: queryRows)
            }
          }
          normalize(
            scores.tile(
              queries: queries, keys: kept, in: rows + kept.lowerBound, rowStride: width))
        }
      }
    }
  }

  /// Scores to weights: the softmax of each row and its sink, then dropout.
  private func normalize(_ tile: ScoreTile) {
    let loops = compute.backend.kernels.loops
    let sink = problem.sinks?[tile.head] ?? -.infinity
    for query in tile.queries {
      let row = tile.row(of: query)
      let largest = max(sink, loops.maximum(UnsafeBufferPointer(row)))
      guard largest != -.infinity || row.contains(where: \.isNaN) else {
        row.update(repeating: 0)
        continue
      }
      let shift = largest == -.infinity ? 0 : largest
      let total =
        loops.exponentials(row, minus: shift)
        + VectorMath.exp(VectorMath.Lanes(repeating: sink - shift))[0]
      loops.divide(row, by: total)
    }
    problem.dropout?.apply(to: tile)
  }
}

extension Range<Int> {
  func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}
