/// Attention of a block of queries to a range of keys: for all query heads of one key-value head or,
/// with few queries, of several key-value heads.
///
/// Legend: H query heads, G key-value heads, N = H / G heads of a group; D = dk, E = dv; R queries in
/// the block, C keys in a tile. Rows of a head are G·E (values) and H·E (output) scalars apart.
struct AttentionBlock {
  private typealias Sizes = Tuning.Attention

  /// Whether packing the keys would cost more than scoring them: true for sequences with few rows,
  /// counting all heads of a group. The limit is lower for several queries.
  ///
  /// - Parameter queryCount: the number of queries of the whole sequence, so that the way in which a
  ///   row is computed does not depend on the division of the work.
  static func readsDirectly(queryCount: Int, groupSize: Int) -> Bool {
    let rows = queryCount * groupSize
    return rows <= Sizes.directRowsOfQueries || (queryCount == 1 && rows <= Sizes.directRows)
  }

  let problem: AttentionProblem
  let kernels: any Kernels
  let sizes: TileSizes
  let pointers: TiledAttention.Pointers
  let sequence: SequenceMask
  let queries: Range<Int>
  let keys: Range<Int>
  let heads: Range<Int>
  private let groupCount: Int

  /// S, then P, of a strip, or of all rows if there are few: `[row, key]`.
  private let memory: UnsafeMutablePointer<Float>
  /// Memory for a `PackedBlock`.
  private let packedMemory: UnsafeMutablePointer<Float>
  /// Q of all rows, `[N, R, D]`: contiguous rows do not conflict in the cache.
  private let queryRows: UnsafeMutablePointer<Float>
  /// m, l and O of all rows.
  private let stateMemory: UnsafeMutablePointer<Float>

  private let valueStride: Int
  /// The first value of the sequence, for the first group.
  private let value: UnsafePointer<Float>

  /// O, `[N, R, E]`, and m and l of each row, `[N, R]`, over the keys so far.
  private struct State {
    let output: UnsafeMutablePointer<Float>
    let maximum: UnsafeMutablePointer<Float>
    let sum: UnsafeMutablePointer<Float>

    init(_ memory: UnsafeMutablePointer<Float>, rowCount: Int, outputStride: Int) {
      output = memory
      maximum = memory + rowCount * outputStride
      sum = maximum + rowCount
    }
  }

  init(
    problem: AttentionProblem, kernels: any Kernels, item: AttentionWork.Item, sizes: TileSizes,
    pointers: TiledAttention.Pointers, scratch: UnsafeMutablePointer<Float>
  ) {
    let groupSize = problem.headCount / problem.keyValueHeadCount
    self.problem = problem
    self.kernels = kernels
    self.sizes = sizes
    self.pointers = pointers
    sequence = problem.sequences[item.sequence]
    queries = item.queries
    keys = item.keys
    heads = item.keyValueHeads.lowerBound * groupSize..<item.keyValueHeads.upperBound * groupSize
    groupCount = item.keyValueHeads.count

    memory = scratch
    packedMemory = memory + Self.scoreCount(problem, sizes)
    queryRows = packedMemory + PackedBlock.scalarCount(problem, sizes.tiles)
    stateMemory = queryRows + heads.count * queries.count * problem.keyDimension

    valueStride = problem.keyValueHeadCount * problem.valueDimension
    value =
      pointers.values + sequence.firstKeyRow * valueStride
      + item.keyValueHeads.lowerBound * problem.valueDimension
  }

  /// The size of a block's work memory, in scalars.
  static func scratchCount(_ problem: AttentionProblem, _ sizes: TileSizes) -> Int {
    let groupSize = problem.headCount / problem.keyValueHeadCount
    let rowCount = max(groupSize * sizes.queryBlock, Sizes.directRows * problem.keyValueHeadCount)
    // m, l, and the factors of `finish`.
    let scalarsOfRow = 3
    return scoreCount(problem, sizes) + PackedBlock.scalarCount(problem, sizes.tiles)
      + rowCount * (problem.keyDimension + sizes.outputStride + scalarsOfRow)
  }

  /// The size of the score memory in scalars, for a strip or for few rows.
  private static func scoreCount(_ problem: AttentionProblem, _ sizes: TileSizes) -> Int {
    let rowCount = Sizes.directRows * problem.keyValueHeadCount
    return max(
      sizes.tiles.strip * sizes.scoreStride,
      Sizes.directScores + rowCount * (Sizes.leastDirectKeys + Sizes.scoreGap))
  }

  private var rowCount: Int { heads.count * queries.count }
  private var isDirect: Bool {
    Self.readsDirectly(queryCount: sequence.queries.count, groupSize: heads.count / groupCount)
  }

  /// Computes the block's rows of the output, and of the requested results.
  func run() throws {
    let state = state(in: stateMemory)
    try accumulate(in: state)
    try finish(state)
  }

  // MARK: - The passes

  private func accumulate(in state: State) throws {
    copyQueries()
    try accumulate(in: state, selecting: false)
    // A hidden value is multiplied by a weight of exactly 0, but 0 · NaN and 0 · ∞ are NaN. This is
    // rare, so only a second run skips the hidden values one by one.
    if sequence.hidesAnything, !isFinite(state) { try accumulate(in: state, selecting: true) }
  }

  /// 0. Copy the rows of Q into contiguous memory.
  private func copyQueries() {
    for head in heads {
      scorePass(head).copyQueries(queries, to: queryRow(head, queries.lowerBound))
    }
  }

  private func accumulate(in state: State, selecting: Bool) throws {
    for (index, head) in heads.enumerated() {
      // A sink is like a score before the first key, without a value. If the keys are divided into
      // parts, the first part has the sink.
      let isFirst = keys.lowerBound == sequence.keptKeys(queries: queries).lowerBound
      let sink = isFirst ? problem.sinks?[head] ?? -.infinity : -.infinity
      for row in index * queries.count..<(index + 1) * queries.count {
        state.maximum[row] = sink
        state.sum[row] = sink == -.infinity ? 0 : 1
      }
    }
    try hideWeights()
    if isDirect {
      clear(queries, state)
      for keys in blocks(of: keys, length: directKeyBlock) {
        try Cancellation.check()
        attendDirectly(to: keys, state, selecting: selecting)
      }
    } else {
      // The first tile of a strip overwrites O, except when it adds value by value.
      for strip in strips where selecting || sequence.keptKeys(queries: strip).isEmpty {
        clear(strip, state)
      }
      // Tiles begin at a multiple of a panel's width, within blocks that begin at a multiple of their
      // length. The bits of a row then do not depend on the other rows of its block.
      let width = PanelProduct.width
      let keys = keys.lowerBound / width * width..<keys.upperBound
      for keys in alignedBlocks(of: keys, length: sizes.tiles.keyBlock) {
        try attend(to: keys, state, selecting: selecting)
      }
    }
  }

  private var strips: some Sequence<Range<Int>> {
    evenBlocks(of: queries, atMost: sizes.tiles.strip)
  }

  /// O ← 0 for some queries of all heads.
  private func clear(_ queries: Range<Int>, _ state: State) {
    for head in heads {
      outputRow(head, queries.lowerBound, state)
        .update(repeating: 0, count: queries.count * sizes.outputStride)
    }
  }

  /// Attention of all rows to a block of keys, one strip of queries at a time.
  private func attend(to keys: Range<Int>, _ state: State, selecting: Bool) throws {
    let width = PanelProduct.width
    // 1. Pack K and V, once for all strips.
    let first = scorePass(heads.lowerBound)
    let packed = PackedBlock(
      problem, kernels: kernels, tiles: sizes.tiles, keyCount: keys.count, memory: packedMemory)
    packed.pack(
      keys: first.key + keys.lowerBound * first.keyStride, keyStride: first.keyStride,
      values: value + keys.lowerBound * valueStride, valueStride: valueStride)
    for head in heads {
      try Cancellation.check()
      let scores = scorePass(head)
      for strip in strips {
        let visible = sequence.keptKeys(queries: strip)
        let kept = visible.clamped(to: keys)
        guard !kept.isEmpty else { continue }
        // Skip the panels that are hidden from the whole strip.
        let skipped = (kept.lowerBound - keys.lowerBound) / width * width
        let tile = scores.tile(
          queries: strip, keys: keys.lowerBound + skipped..<kept.upperBound, in: memory,
          rowStride: sizes.scoreStride)
        // 2. S ← scale · QKᵀ, modified, masked
        try packed.score(
          tile, skipped: skipped, queries: queryRow(head, strip.lowerBound),
          scale: problem.scale.onProduct)
        scores.finish(tile)
        // 3. m, l; P ← exp(S − m); O ← a · O
        exponentiate(tile, state)
        // 4. O ← O + P V
        if selecting {
          addKeptValues(tile, state)
        } else {
          try packed.addValues(
            tile, skipped: skipped, to: outputRow(head, strip.lowerBound, state),
            accumulates: visible.lowerBound < keys.lowerBound)
        }
      }
    }
  }

  /// The number of keys that few rows score at a time: the same for all divisions of the heads.
  private var directKeyBlock: Int {
    let rowCount = problem.headCount * sequence.queries.count
    return max(Sizes.leastDirectKeys, min(sizes.tiles.keyBlock, Sizes.directScores / rowCount))
  }

  /// The same as `attend`, for few rows: keys and values are read once, in place, for all heads.
  private func attendDirectly(to keys: Range<Int>, _ state: State, selecting: Bool) {
    let (D, E) = (problem.keyDimension, problem.valueDimension)
    // Row h · R + q holds the scores of head h and query q.
    let scoreStride = directKeyBlock + Sizes.scoreGap
    let headStride = queries.count * scoreStride
    let first = scorePass(heads.lowerBound)
    kernels.scoreKeys(
      CacheProduct(
        rows: rowCount, heads: groupCount, keys: keys.count, dimension: D,
        inputs: queryRow(heads.lowerBound, queries.lowerBound), inputStride: D,
        cache: first.key + keys.lowerBound * first.keyStride, cacheStride: first.keyStride,
        scale: problem.scale.onProduct, output: memory, outputStride: scoreStride))
    for (index, head) in heads.enumerated() {
      let scores = scorePass(head)
      let tile = scores.tile(
        queries: queries, keys: keys, in: memory + index * headStride, rowStride: scoreStride)
      scores.finish(tile)
      exponentiate(tile, state)
      if selecting { addKeptValues(tile, state) }
    }
    guard !selecting else { return }
    kernels.addWeightedValues(
      CacheProduct(
        rows: rowCount, heads: groupCount, keys: keys.count, dimension: E,
        inputs: memory, inputStride: scoreStride,
        cache: value + keys.lowerBound * valueStride, cacheStride: valueStride,
        output: outputRow(heads.lowerBound, queries.lowerBound, state),
        outputStride: sizes.outputStride))
  }

  /// Updates m and l of the tile's rows; P ← exp(S − m), then dropout; O ← a · O.
  private func exponentiate(_ tile: ScoreTile, _ state: State) {
    if pointers.weights != nil {
      // Store the scores in place of the requested weights; `finish` converts them to weights. A tile
      // may begin before the block's keys.
      let stored = tile.keys.clamped(to: keys)
      for query in tile.queries {
        guard let row = tile.row(of: query).baseAddress else { continue }
        weightRow(tile.head, query)?.advanced(by: stored.lowerBound)
          .update(from: row + stored.lowerBound - tile.keys.lowerBound, count: stored.count)
      }
    }
    let row = row(tile.head, tile.queries.lowerBound)
    kernels.applySoftmax(
      SoftmaxTile(
        rows: tile.queries.count, columns: tile.keys.count, scores: tile.base,
        scoreStride: tile.rowStride, maximum: state.maximum + row, sum: state.sum + row,
        output: outputRow(tile.head, tile.queries.lowerBound, state),
        outputColumns: problem.valueDimension, outputStride: sizes.outputStride))
    problem.dropout?.apply(to: tile)
  }

  /// Sets all requested weights to a score of −∞, which remains for skipped panels.
  private func hideWeights() throws {
    guard pointers.weights != nil else { return }
    for head in heads {
      for query in queries {
        try Cancellation.check()
        weightRow(head, query)?.advanced(by: keys.lowerBound)
          .update(repeating: -.infinity, count: keys.count)
      }
    }
  }

  /// O ← O + P V, one weight at a time, without reading the values that are hidden from a query.
  private func addKeptValues(_ tile: ScoreTile, _ state: State) {
    let group = (tile.head - heads.lowerBound) / (heads.count / groupCount)
    let value = value + group * problem.valueDimension
    for query in tile.queries {
      let (weights, output) = (tile.row(of: query), outputRow(tile.head, query, state))
      for key in sequence.keptKeys(query: query).clamped(to: tile.keys)
      where sequence.keeps(query: query, key: key, head: tile.head) {
        let weight = weights[key - tile.keys.lowerBound]
        for column in 0..<problem.valueDimension {
          output[column] += weight * value[key * valueStride + column]
        }
      }
    }
  }

  /// Writes O · 1/l to the output, and the requested weights and statistics.
  private func finish(_ state: State) throws {
    let (H, E) = (problem.headCount, problem.valueDimension)
    let kept = sequence.keptKeys(queries: queries)
    let factors = stateMemory + rowCount * (sizes.outputStride + 2)
    for row in 0..<rowCount {
      // l is 0 only if every score is −∞. Then O is already 0.
      factors[row] = state.sum[row] == 0 ? 1 : 1 / state.sum[row]
    }
    for head in heads {
      let first = row(head, queries.lowerBound)
      let packedQuery = sequence.queries.lowerBound + queries.lowerBound
      kernels.scaleRows(
        RowScaling(
          x: state.output + first * sizes.outputStride, stride: sizes.outputStride,
          rows: queries.count, columns: E, factors: factors + first, factorStride: 1,
          target: pointers.output + (packedQuery * H + head) * E, targetStride: H * E))
    }
    guard pointers.weights != nil || pointers.maximum != nil else { return }
    for head in heads {
      for query in queries {
        try Cancellation.check()
        let (row, packedQuery) = (row(head, query), sequence.queries.lowerBound + query)
        let (m, l) = (state.maximum[row], state.sum[row])
        if let base = weightRow(head, query) {
          let tile = scorePass(head).tile(
            queries: query..<query + 1, keys: kept, in: base + kept.lowerBound,
            rowStride: problem.keyCount)
          let weights = tile.row(of: query)
          _ = kernels.exponentials(weights, minus: asShift(m))
          if l != 0 { kernels.divide(weights, by: l) }
          problem.dropout?.apply(to: tile)
        }
        pointers.maximum?[head * problem.queryCount + packedQuery] = m
        pointers.sum?[head * problem.queryCount + packedQuery] = l
      }
    }
  }

  // MARK: - Keys in parts

  /// Computes m, l and O of the block's keys into `part`.
  func accumulate(into part: UnsafeMutablePointer<Float>) throws {
    try accumulate(in: state(in: part))
  }

  /// Merges the results of parts of the keys into the output; see `MergedRow`.
  func merge(_ count: Int, _ parts: UnsafeMutablePointer<Float>, _ partSize: Int) throws {
    let E = problem.valueDimension
    let merged = state(in: stateMemory)
    let states = (0..<count).map { state(in: parts + $0 * partSize) }
    for head in heads {
      for query in queries {
        let row = row(head, query)
        let output = outputRow(head, query, merged)
        let mergedRow = MergedRow(states.map { (maximum: $0.maximum[row], sum: $0.sum[row]) })
        (merged.maximum[row], merged.sum[row]) = (mergedRow.maximum, mergedRow.sum)
        output.update(repeating: 0, count: E)
        for (part, factor) in zip(states, mergedRow.factors) {
          let partial = outputRow(head, query, part)
          for column in 0..<E { output[column] += factor * partial[column] }
        }
      }
    }
    try finish(merged)
  }

  // MARK: - Rows

  private func scorePass(_ head: Int) -> ScorePass {
    ScorePass(
      problem: problem, kernels: kernels, sequence: sequence, head: head,
      queries: pointers.queries, keys: pointers.keys)
  }

  private func state(in memory: UnsafeMutablePointer<Float>) -> State {
    State(memory, rowCount: rowCount, outputStride: sizes.outputStride)
  }

  private func row(_ head: Int, _ query: Int) -> Int {
    (head - heads.lowerBound) * queries.count + query - queries.lowerBound
  }

  private func queryRow(_ head: Int, _ query: Int) -> UnsafeMutablePointer<Float> {
    queryRows + row(head, query) * problem.keyDimension
  }

  private func outputRow(_ head: Int, _ query: Int, _ state: State) -> UnsafeMutablePointer<Float> {
    state.output + row(head, query) * sizes.outputStride
  }

  /// The weights of a row, starting with the sequence's first key.
  private func weightRow(_ head: Int, _ query: Int) -> UnsafeMutablePointer<Float>? {
    pointers.weights.map {
      $0 + (head * problem.queryCount + sequence.queries.lowerBound + query) * problem.keyCount
        + sequence.keys.lowerBound
    }
  }

  private func isFinite(_ state: State) -> Bool {
    kernels.isFinite(
      UnsafeBufferPointer(start: state.output, count: rowCount * sizes.outputStride))
  }
}
