/// Computes tiles of modified, masked scores of one head of one sequence: what the output, the weights
/// and the gradients all begin with.
struct ScorePass {
  let problem: AttentionProblem
  let kernels: any Kernels
  let sequence: SequenceMask
  let head: Int
  /// This head's first query of the sequence; rows stand `queryStride` apart.
  let query: UnsafePointer<Float>
  /// This head's first key of the sequence; rows stand `keyStride` apart.
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

  /// A tile over memory of the caller's.
  func tile(
    queries: Range<Int>, keys: Range<Int>, in memory: UnsafeMutablePointer<Float>, rowStride: Int
  ) -> ScoreTile {
    ScoreTile(
      head: head, queries: queries, keys: keys, sequence: sequence, base: memory,
      rowStride: rowStride)
  }

  /// S ← the scores, modified and masked.
  func fill(_ tile: ScoreTile) throws {
    try fill(tile, upToModifier: problem.modifiers.count)
    sequence.hide(tile)
  }

  /// S ← scale · QKᵀ with the first modifiers applied, not masked.
  func fill(_ tile: ScoreTile, upToModifier count: Int) throws {
    // BLAS does not look at Q and K when α is 0; a scale of 0 must still pass NaN on.
    let scale = problem.scale
    kernels.multiply(
      try MatrixProduct(
        m: tile.queries.count, n: tile.keys.count, k: problem.keyDimension,
        alpha: scale == 0 ? 1 : scale,
        a: .init(
          query + tile.queries.lowerBound * queryStride, leadingDimension: queryStride),
        b: .init(
          key + tile.keys.lowerBound * keyStride, leadingDimension: keyStride, isTransposed: true),
        c: tile.base, cLeadingDimension: tile.rowStride))
    if scale == 0 {
      for query in tile.queries { VectorMath.map(tile.row(of: query)) { $0 * 0 } }
    }
    for modifier in problem.modifiers.prefix(count) { modifier.modify(tile) }
  }
}
