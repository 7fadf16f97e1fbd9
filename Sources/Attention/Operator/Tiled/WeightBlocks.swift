/// Computes whole rows of weights: all scores of a row, then their softmax.
struct WeightBlocks {
  private typealias Sizes = Tuning.WeightBlocks

  private let problem: AttentionProblem
  private let kernels: any Kernels
  private let threads: Int

  init(_ problem: AttentionProblem, kernels: any Kernels, threads: Int) {
    self.problem = problem
    self.kernels = kernels
    self.threads = threads
  }

  func forEach(_ body: (AttentionWeightBlock) throws -> Void) throws {
    let H = problem.headCount
    for sequence in problem.sequences {
      let width = sequence.keys.count
      let rows = min(Sizes.queryBlock, max(1, Sizes.capacity / max(1, H * width)))
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

  /// Writes the weights of every head for these queries, `[head, query, key]`.
  private func fill(
    _ memory: UnsafeMutablePointer<Float>, _ sequence: SequenceMask, _ queries: Range<Int>
  ) throws {
    let width = sequence.keys.count
    try problem.queries.withUnsafeBase { queryBase in
      try problem.keys.withUnsafeBase { keyBase in
        nonisolated(unsafe) let (memory, queryBase, keyBase) = (memory, queryBase, keyBase)
        try Workers.forEach(count: problem.headCount, threads: threads) { head in
          let scores = ScorePass(
            problem: problem, kernels: kernels, sequence: sequence, head: head,
            queries: queryBase, keys: keyBase)
          let rows = memory + head * queries.count * width
          rows.update(repeating: 0, count: queries.count * width)
          let kept = sequence.keptKeys(queries: queries)
          try Scratch.withFloats(count: queries.count * problem.keyDimension) { queryRows in
            scores.copyQueries(queries, to: queryRows)
            for keys in blocks(of: kept, length: Sizes.keyBlock) {
              try Cancellation.check()
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

  /// Converts scores to weights: the softmax of each row and its sink, then dropout.
  private func normalize(_ tile: ScoreTile) {
    let sink = problem.sinks?[tile.head] ?? -.infinity
    for query in tile.queries { kernels.softmax(tile.row(of: query), sink: sink) }
    problem.dropout?.apply(to: tile)
  }
}
