/// One head's gradients, a block of queries against a block of keys at a time.
///
/// Legend: R queries and C keys in a tile; H query heads, G key-value heads, D = dk, E = dv. For each
/// tile:
///
///     1. P = exp(S − L)              the scores again, and the log-sum-exp they gave
///     2. dP = Z ∘ (dO Vᵀ)
///     3. dS = P ∘ (dP − D)           D = Σ P ∘ dP = Σ dO ∘ O, one number a query
///     4. dV += (P ∘ Z)ᵀ dO
///     5. dS ← dS ∘ f′, last modifier first; the additive tensor's gradient is dS on the way
///     6. dQ += scale · dS K          dK += scale · dSᵀ Q
struct GradientTile {
  private static let queryBlock = 128
  private static let keyBlock = 256
  private static var tileCount: Int { queryBlock * keyBlock }
  /// P, dS, a modifier's input; D of each row.
  static var scratchCount: Int { 3 * tileCount + queryBlock }

  let scores: ScorePass
  let bias: TensorBias?
  let pointers: TiledGradients.Pointers
  let scratch: UnsafeMutablePointer<Float>

  private var problem: AttentionProblem { scores.problem }
  private var kernels: any Kernels { scores.kernels }
  private var sequence: SequenceMask { scores.sequence }
  private var head: Int { scores.head }

  private let valueStride: Int
  private let outputStride: Int
  private let value: UnsafePointer<Float>
  private let output: UnsafePointer<Float>
  private let outputGradient: UnsafePointer<Float>
  private let logSumExp: UnsafePointer<Float>
  private let queryGradient: UnsafeMutablePointer<Float>
  private let keyGradient: UnsafeMutablePointer<Float>
  private let valueGradient: UnsafeMutablePointer<Float>

  init(
    scores: ScorePass, bias: TensorBias?, pointers: TiledGradients.Pointers,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (problem, sequence, head) = (scores.problem, scores.sequence, scores.head)
    let (D, E) = (problem.keyDimension, problem.valueDimension)
    let group = problem.keyValueHead(of: head)
    let firstQuery = sequence.queries.lowerBound
    self.scores = scores
    self.bias = bias
    self.pointers = pointers
    self.scratch = scratch
    valueStride = problem.keyValueHeadCount * E
    outputStride = problem.headCount * E
    let valueOffset = sequence.firstKeyRow * valueStride + group * E
    let outputOffset = firstQuery * outputStride + head * E
    value = pointers.values + valueOffset
    valueGradient = pointers.valueGradient + valueOffset
    output = pointers.output + outputOffset
    outputGradient = pointers.outputGradient + outputOffset
    logSumExp = pointers.logSumExp + head * problem.queryCount + firstQuery
    queryGradient = pointers.queryGradient + firstQuery * scores.queryStride + head * D
    keyGradient =
      pointers.keyGradient + sequence.firstKeyRow * scores.keyStride + group * D
  }

  /// Adds this head's part to every gradient; returns its sink's.
  ///
  /// - Parameter selecting: whether to leave hidden scores out of every product one by one. The bias's
  ///   gradient, which is no product, is then complete already.
  func run(selecting: Bool) throws -> Double {
    var sink = 0.0
    for queries in blocks(of: 0..<sequence.queries.count, length: Self.queryBlock) {
      let kept = sequence.keptKeys(queries: queries)
      // With all keys in one tile, D comes from the tile itself: where one key has all the weight,
      // dP − D is then exactly 0, which Σ dO ∘ O misses by its rounding.
      let isWhole = kept.count <= Self.keyBlock
      fillRowProducts(queries)
      for keys in blocks(of: kept, length: Self.keyBlock) {
        try accumulate(queries, keys, isWhole: isWhole, selecting: selecting)
      }
      sink += sinkGradient(queries)
    }
    return sink
  }

  // MARK: - Rows

  /// D of each query of the block.
  private var rowProducts: UnsafeMutablePointer<Float> { scratch + 3 * Self.tileCount }

  /// D ← Σ dO ∘ O.
  private func fillRowProducts(_ queries: Range<Int>) {
    for query in queries {
      let start = query * outputStride
      var sum = 0.0
      for column in start..<start + problem.valueDimension {
        sum += Double(outputGradient[column]) * Double(output[column])
      }
      rowProducts[query - queries.lowerBound] = Float(sum)
    }
  }

  /// −Σ exp(sink − L) · D.
  private func sinkGradient(_ queries: Range<Int>) -> Double {
    guard let sink = problem.sinks?[head], sink != -.infinity else { return 0 }
    return queries.reduce(0) { sum, query in
      let share = VectorMath.exp(VectorMath.Lanes(repeating: sink - logSumExp[query]))[0]
      return sum - Double(share) * Double(rowProducts[query - queries.lowerBound])
    }
  }

  // MARK: - Tiles

  private func accumulate(
    _ queries: Range<Int>, _ keys: Range<Int>, isWhole: Bool, selecting: Bool
  ) throws {
    func tile(_ index: Int) -> ScoreTile {
      scores.tile(
        queries: queries, keys: keys, in: scratch + index * Self.tileCount,
        rowStride: Self.keyBlock)
    }
    let (weights, slopes, input) = (tile(0), tile(1), tile(2))

    try scores.fill(weights)  // 1
    for query in queries {
      // A query that keeps nothing has an L of −∞, and no weights.
      let row = weights.row(of: query)
      if logSumExp[query] == -.infinity {
        row.update(repeating: 0)
      } else {
        _ = kernels.loops.exponentials(row, minus: logSumExp[query])
      }
    }
    sequence.hide(weights, with: 0)  // exp(−∞ − NaN) is not 0

    try multiplyByValues(slopes)  // 2
    problem.dropout?.apply(to: slopes)
    sequence.hide(slopes, with: 0)
    for query in queries {  // 3
      let (p, dP) = (weights.row(of: query), slopes.row(of: query))
      let row = query - queries.lowerBound
      if isWhole { rowProducts[row] = Float(dot(p, dP)) }
      let D = rowProducts[row]
      for index in p.indices { dP[index] = p[index] * (dP[index] - D) }
    }
    sequence.hide(slopes, with: 0)

    problem.dropout?.apply(to: weights)  // 4
    try addValueGradient(weights, selecting)

    try backpropagate(slopes, input, addingToBias: !selecting)  // 5
    try addQueryGradient(slopes, selecting)  // 6
    try addKeyGradient(slopes, selecting)
  }

  private func dot(
    _ left: UnsafeMutableBufferPointer<Float>, _ right: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    left.indices.reduce(0) { $0 + Double(left[$1]) * Double(right[$1]) }
  }

  /// dO Vᵀ.
  private func multiplyByValues(_ tile: ScoreTile) throws {
    kernels.multiply(
      try MatrixProduct(
        m: tile.queries.count, n: tile.keys.count, k: problem.valueDimension,
        a: .init(
          outputGradient + tile.queries.lowerBound * outputStride, leadingDimension: outputStride),
        b: .init(
          value + tile.keys.lowerBound * valueStride, leadingDimension: valueStride,
          isTransposed: true),
        c: tile.base, cLeadingDimension: tile.rowStride))
  }

  /// dS ← dS ∘ f′ through the modifiers, last first.
  private func backpropagate(
    _ slopes: ScoreTile, _ input: ScoreTile, addingToBias: Bool
  ) throws {
    for (index, modifier) in problem.modifiers.enumerated().reversed() {
      if let bias = modifier as? TensorBias, let gradient = pointers.biasGradient {
        if addingToBias { add(slopes, to: gradient, of: bias) }
      } else if !(modifier is any ScoreBias) {
        try scores.fill(input, upToModifier: index)
        modifier.multiplyDerivative(into: slopes, scores: input)
      }
    }
    sequence.hide(slopes, with: 0)  // 0 · f′ is NaN where f′ is
  }

  private func add(
    _ slopes: ScoreTile, to gradient: UnsafeMutablePointer<Float>, of bias: TensorBias
  ) {
    for query in slopes.queries {
      let row = slopes.row(of: query)
      let target =
        gradient + bias.rowStart(head: head, query: slopes.packedQueryStart + query)
        + slopes.packedKeyStart + slopes.keys.lowerBound
      for index in row.indices { target[index] += row[index] }
    }
  }

  // MARK: - Products

  /// dV += (P ∘ Z)ᵀ dO.
  private func addValueGradient(_ weights: ScoreTile, _ selecting: Bool) throws {
    try addProduct(
      weights, isTransposed: true, scale: 1, with: outputGradient, stride: outputStride,
      width: problem.valueDimension, to: valueGradient, targetStride: valueStride, selecting)
  }

  /// dQ += scale · dS K.
  private func addQueryGradient(_ slopes: ScoreTile, _ selecting: Bool) throws {
    try addProduct(
      slopes, isTransposed: false, scale: problem.scale, with: scores.key,
      stride: scores.keyStride, width: problem.keyDimension, to: queryGradient,
      targetStride: scores.queryStride, selecting)
  }

  /// dK += scale · dSᵀ Q.
  private func addKeyGradient(_ slopes: ScoreTile, _ selecting: Bool) throws {
    try addProduct(
      slopes, isTransposed: true, scale: problem.scale, with: scores.query,
      stride: scores.queryStride, width: problem.keyDimension, to: keyGradient,
      targetStride: scores.keyStride, selecting)
  }

  /// target += scale · T X, or scale · Tᵀ X: rows of X and of the target are keys and queries, or
  /// queries and keys.
  private func addProduct(
    _ tile: ScoreTile, isTransposed: Bool, scale: Float, with factor: UnsafePointer<Float>,
    stride: Int, width: Int, to target: UnsafeMutablePointer<Float>, targetStride: Int,
    _ selecting: Bool
  ) throws {
    let (rows, inner) = isTransposed ? (tile.keys, tile.queries) : (tile.queries, tile.keys)
    guard !selecting else {
      for query in tile.queries {
        let slopes = tile.row(of: query)
        for key in sequence.keptKeys(query: query).clamped(to: tile.keys)
        where sequence.keeps(query: query, key: key, head: head) {
          let slope = scale * slopes[key - tile.keys.lowerBound]
          let source = factor + (isTransposed ? query : key) * stride
          let sum = target + (isTransposed ? key : query) * targetStride
          for column in 0..<width { sum[column] += slope * source[column] }
        }
      }
      return
    }
    kernels.multiply(
      try MatrixProduct(
        m: rows.count, n: width, k: inner.count, alpha: scale,
        a: .init(tile.base, leadingDimension: tile.rowStride, isTransposed: isTransposed),
        b: .init(factor + inner.lowerBound * stride, leadingDimension: stride),
        beta: 1, c: target + rows.lowerBound * targetStride, cLeadingDimension: targetStride))
  }

  // MARK: - Looking for what is not finite

  /// Whether this head's gradients, and those of its keys and values, are.
  var isFinite: Bool {
    rows.allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  /// Sets them back to 0.
  func clear() {
    for row in rows { row.update(repeating: 0) }
  }

  private var rows: some Sequence<UnsafeMutableBufferPointer<Float>> {
    func rows(
      _ base: UnsafeMutablePointer<Float>, count: Int, stride: Int, width: Int
    ) -> some Sequence<UnsafeMutableBufferPointer<Float>> {
      (0..<count).lazy.map { UnsafeMutableBufferPointer(start: base + $0 * stride, count: width) }
    }
    let (Q, K) = (sequence.queries.count, sequence.keys.count)
    let all = [
      Array(
        rows(queryGradient, count: Q, stride: scores.queryStride, width: problem.keyDimension)),
      Array(rows(keyGradient, count: K, stride: scores.keyStride, width: problem.keyDimension)),
      Array(rows(valueGradient, count: K, stride: valueStride, width: problem.valueDimension)),
    ]
    return all.joined()
  }
}
