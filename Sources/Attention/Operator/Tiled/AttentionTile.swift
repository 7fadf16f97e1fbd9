/// One head's block of queries against all its keys, a block of keys at a time.
///
/// Legend: H query heads, G key-value heads, E = dv; R queries in the block, C keys in a tile. Rows
/// of a head stand G·E (values) and H·E (output) apart.
struct AttentionTile {
  let scores: ScorePass
  let queries: Range<Int>
  let pointers: TiledAttention.Pointers

  private var problem: AttentionProblem { scores.problem }
  private var kernels: any Kernels { scores.kernels }
  private var sequence: SequenceMask { scores.sequence }
  private var head: Int { scores.head }

  /// S, then P: `[R, keyBlock]`.
  private let memory: UnsafeMutablePointer<Float>
  /// m, l and a of each row.
  private let largest: UnsafeMutableBufferPointer<Float>
  private let total: UnsafeMutableBufferPointer<Float>
  private let correction: UnsafeMutableBufferPointer<Float>

  private let valueStride: Int
  private let outputStride: Int
  /// This head's first value of the sequence.
  private let value: UnsafePointer<Float>
  /// This head's output for the block's first query.
  private let output: UnsafeMutablePointer<Float>
  /// This head's weights for the block's first query, from the sequence's first key on.
  private let weights: UnsafeMutablePointer<Float>?

  init(
    scores: ScorePass, queries: Range<Int>, pointers: TiledAttention.Pointers,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (problem, sequence, head) = (scores.problem, scores.sequence, scores.head)
    let (E, R) = (problem.valueDimension, queries.count)
    let firstQuery = sequence.queries.lowerBound + queries.lowerBound
    self.scores = scores
    self.queries = queries
    self.pointers = pointers

    memory = scratch
    let rows = scratch + TiledAttention.queryBlock * TiledAttention.keyBlock
    largest = UnsafeMutableBufferPointer(start: rows, count: R)
    total = UnsafeMutableBufferPointer(start: rows + TiledAttention.queryBlock, count: R)
    correction = UnsafeMutableBufferPointer(start: rows + 2 * TiledAttention.queryBlock, count: R)

    valueStride = problem.keyValueHeadCount * E
    outputStride = problem.headCount * E
    value =
      pointers.values + sequence.firstKeyRow * valueStride + problem.keyValueHead(of: head) * E
    output = pointers.output + firstQuery * outputStride + head * E
    weights = pointers.weights.map {
      $0 + (head * problem.queryCount + firstQuery) * problem.keyCount + sequence.keys.lowerBound
    }
  }

  /// Computes the block's rows of the output, and of the weights and log-sum-exps if they are wanted.
  func run() throws {
    try accumulate(selecting: false)
    // A hidden value is multiplied by a weight of exactly 0, which NaN and ∞ survive. That is rare
    // enough to look for afterwards, and then to leave hidden values out one by one.
    if sequence.hidesAnything, !outputIsFinite { try accumulate(selecting: true) }
    finish()
  }

  // MARK: - The passes

  private func accumulate(selecting: Bool) throws {
    // A sink is a score that is there before the first key, and has no value.
    let sink = problem.sinks?[head] ?? -.infinity
    largest.update(repeating: sink)
    total.update(repeating: sink == -.infinity ? 0 : 1)
    for query in queries { outputRow(query).update(repeating: 0) }
    let kept = sequence.keptKeys(queries: queries)
    for keys in blocks(of: kept, length: TiledAttention.keyBlock) {
      let tile = scores.tile(
        queries: queries, keys: keys, in: memory, rowStride: TiledAttention.keyBlock)
      try scores.fill(tile)  // 1. S ← scale · QKᵀ, modified, masked
      exponentiate(tile)
      problem.dropout?.apply(to: tile)
      if selecting { mixKept(tile) } else { try mix(tile) }
    }
  }

  /// 2. m, l and a; P ← exp(S − m); O ← a · O.
  private func exponentiate(_ tile: ScoreTile) {
    for query in queries {
      let (row, scores) = (query - queries.lowerBound, tile.row(of: query))
      // The scores are kept where the weights will be; `finish` turns them into weights.
      if let weights, let base = scores.baseAddress {
        (weights + row * problem.keyCount + tile.keys.lowerBound)
          .update(from: base, count: scores.count)
      }
      let old = largest[row]
      largest[row] = max(old, kernels.maximum(UnsafeBufferPointer(scores)))
      // Equal maxima may be infinite, and ∞ − ∞ is NaN.
      correction[row] = old == largest[row] ? 0 : old - largest[row]
    }
    _ = kernels.exponentials(correction, minus: 0)
    for query in queries {
      let row = query - queries.lowerBound
      let a = correction[row]
      // A row of −∞ alone: exp(−∞ − 0) = 0, where −∞ − (−∞) would be NaN.
      let m = largest[row] == -.infinity ? 0 : largest[row]
      total[row] = a * total[row] + kernels.exponentials(tile.row(of: query), minus: m)
      if a != 1 { VectorMath.map(outputRow(query)) { $0 * a } }
    }
  }

  /// 3. O ← O + P V.
  private func mix(_ tile: ScoreTile) throws {
    kernels.multiply(
      try MatrixProduct(
        m: queries.count, n: problem.valueDimension, k: tile.keys.count,
        a: .init(memory, leadingDimension: TiledAttention.keyBlock),
        b: .init(value + tile.keys.lowerBound * valueStride, leadingDimension: valueStride),
        beta: 1, c: output, cLeadingDimension: outputStride))
  }

  /// 3′. The same, one weight at a time, without touching the values that a query must not see.
  private func mixKept(_ tile: ScoreTile) {
    for query in queries {
      let (weights, output) = (tile.row(of: query), outputRow(query))
      for key in sequence.keptKeys(query: query).clamped(to: tile.keys)
      where sequence.keeps(query: query, key: key, head: head) {
        let weight = weights[key - tile.keys.lowerBound]
        for column in output.indices {
          output[column] += weight * value[key * valueStride + column]
        }
      }
    }
  }

  /// 4. O ← O / l; the weights and the log-sum-exp.
  private func finish() {
    let kept = sequence.keptKeys(queries: queries)
    for query in queries {
      let row = query - queries.lowerBound
      let (m, l) = (largest[row], total[row])
      // l is 0 exactly when every score is −∞: nothing to attend to, and O is 0 already.
      if l != 0 { VectorMath.map(outputRow(query)) { $0 / l } }
      if let weights {
        let tile = scores.tile(
          queries: query..<query + 1, keys: kept,
          in: weights + row * problem.keyCount + kept.lowerBound, rowStride: problem.keyCount)
        let weights = tile.row(of: query)
        _ = kernels.exponentials(weights, minus: m == -.infinity ? 0 : m)
        if l != 0 { VectorMath.map(weights) { $0 / l } }
        problem.dropout?.apply(to: tile)
      }
      if let logSumExp = pointers.logSumExp {
        logSumExp[head * problem.queryCount + sequence.queries.lowerBound + query] =
          l == 0 ? -.infinity : Float(Double(m) + VectorMath.log(Double(l)))
      }
    }
  }

  // MARK: - Rows

  private func outputRow(_ query: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: output + (query - queries.lowerBound) * outputStride, count: problem.valueDimension)
  }

  private var outputIsFinite: Bool {
    queries.allSatisfy { query in outputRow(query).allSatisfy { $0.isFinite } }
  }
}

/// `range` cut into consecutive ranges of at most `length`.
func blocks(of range: Range<Int>, length: Int) -> some Sequence<Range<Int>> {
  stride(from: range.lowerBound, to: range.upperBound, by: length).lazy.map {
    $0..<min($0 + length, range.upperBound)
  }
}
