/// Computes tiles of modified, masked scores of one head of one sequence: what the output, the weights
/// and the gradients all begin with.
struct ScorePass {
  let problem: AttentionProblem
  let kernels: any Kernels
  let loops: any VectorLoops
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
    loops = kernels.loops
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

  /// What products multiply by. BLAS does not look at Q and K when α is 0; a scale of 0 must still pass
  /// NaN on, and comes afterwards.
  var alpha: Float { problem.scale == 0 ? 1 : problem.scale }

  /// S ← the scores, modified and masked.
  func fill(_ tile: ScoreTile) throws {
    try fill(tile, upToModifier: problem.modifiers.count)
    sequence.hide(tile)
  }

  /// S ← scale · QKᵀ with the first modifiers applied, not masked.
  func fill(_ tile: ScoreTile, upToModifier count: Int) throws {
    kernels.multiply(
      try MatrixProduct(
        m: tile.queries.count, n: tile.keys.count, k: problem.keyDimension, alpha: alpha,
        a: .init(
          query + tile.queries.lowerBound * queryStride, leadingDimension: queryStride),
        b: .init(
          key + tile.keys.lowerBound * keyStride, leadingDimension: keyStride, isTransposed: true),
        c: tile.base, cLeadingDimension: tile.rowStride))
    modify(tile, upToModifier: count)
  }

  /// S ← the scores, modified and masked, from the tile's queries side by side, and keys in panels of
  /// which the first begins with the tile's first key.
  func fill(_ tile: ScoreTile, queries: UnsafePointer<Float>, panels: UnsafePointer<Float>) {
    let dimension = problem.keyDimension
    var product = PanelProduct(
      m: tile.queries.count, n: tile.keys.count, k: dimension,
      a: queries, aStride: dimension, panels: panels,
      panelStride: PanelProduct.width * dimension, c: tile.base, cStride: tile.rowStride)
    product.alpha = alpha
    loops.multiply(product)
    finish(tile)
  }

  /// S, which holds alpha · QKᵀ, modified and masked.
  func finish(_ tile: ScoreTile) {
    modify(tile, upToModifier: problem.modifiers.count)
    sequence.hide(tile)
  }

  private func modify(_ tile: ScoreTile, upToModifier count: Int) {
    if problem.scale == 0 {
      for query in tile.queries { loops.scale(tile.row(of: query), by: 0) }
    }
    for modifier in problem.modifiers.prefix(count) { modifier.modify(tile) }
  }
}
