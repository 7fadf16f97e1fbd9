/// Computes tiles of modified, masked scores of one head of one sequence: the first step for the
/// output, the weights and the gradients.
struct ScorePass {
  let problem: AttentionProblem
  let kernels: any Kernels
  let sequence: SequenceMask
  let head: Int
  /// This head's first query of the sequence; rows are `queryStride` scalars apart.
  let query: UnsafePointer<Float>
  /// This head's first key of the sequence; rows are `keyStride` scalars apart.
  let key: UnsafePointer<Float>
  let queryStride: Int
  let keyStride: Int

  init(
    problem: AttentionProblem, kernels: any Kernels, sequence: SequenceMask, head: Int,
    queries: UnsafePointer<Float>, keys: UnsafePointer<Float>
  ) {
    let dimension = problem.keyDimension
    self.problem = problem
    self.kernels = kernels
    self.sequence = sequence
    self.head = head
    queryStride = problem.headCount * dimension
    keyStride = problem.keyValueHeadCount * dimension
    query = queries + sequence.queries.lowerBound * queryStride + head * dimension
    key =
      keys + sequence.firstKeyRow * keyStride + problem.keyValueHead(of: head) * dimension
  }

  /// A tile in the caller's memory.
  func tile(
    queries: Range<Int>, keys: Range<Int>, in memory: UnsafeMutablePointer<Float>, rowStride: Int
  ) -> ScoreTile {
    ScoreTile(
      head: head, queries: queries, keys: keys, sequence: sequence, kernels: kernels, base: memory,
      rowStride: rowStride)
  }

  /// Copies the rows of some queries into contiguous memory, `[query, dk]`, multiplied by
  /// `problem.scale.onQueries`. All products below read queries in this form.
  func copyQueries(_ queries: Range<Int>, to target: UnsafeMutablePointer<Float>) {
    let dimension = problem.keyDimension
    withUnsafePointer(to: problem.scale.onQueries) {
      kernels.scaleRows(
        RowScaling(
          x: query + queries.lowerBound * queryStride, stride: queryStride, rows: queries.count,
          columns: dimension, factors: $0, factorStride: 0, target: target,
          targetStride: dimension))
    }
  }

  /// S ← the scores, modified and masked.
  ///
  /// - Parameter queries: the tile's queries, as written by `copyQueries`.
  func fill(_ tile: ScoreTile, queries: UnsafePointer<Float>) throws {
    try fill(tile, queries: queries, upToModifier: problem.modifiers.count)
    sequence.hide(tile)
  }

  /// S ← scale · QKᵀ with the first modifiers applied, not masked.
  func fill(
    _ tile: ScoreTile, queries: UnsafePointer<Float>, upToModifier count: Int
  ) throws {
    let dimension = problem.keyDimension
    try kernels.multiply(
      MatrixProduct(
        m: tile.queries.count, n: tile.keys.count, k: dimension, alpha: problem.scale.onProduct,
        a: .init(queries, leadingDimension: dimension),
        b: .init(
          key + tile.keys.lowerBound * keyStride, leadingDimension: keyStride, isTransposed: true),
        c: tile.base, cLeadingDimension: tile.rowStride))
    modify(tile, upToModifier: count)
  }

  /// Applies the modifiers and the mask to S = scale · QKᵀ.
  func finish(_ tile: ScoreTile) {
    modify(tile, upToModifier: problem.modifiers.count)
    sequence.hide(tile)
  }

  private func modify(_ tile: ScoreTile, upToModifier count: Int) {
    for modifier in problem.modifiers.prefix(count) { modifier.modify(tile) }
  }
}
