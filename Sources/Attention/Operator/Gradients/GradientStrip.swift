/// One head's gradients, one strip at a time: a range of queries with all of their visible keys.
///
/// Legend: R queries and C keys in a strip; H query heads, G key-value heads, D = dk, E = dv. A strip
/// takes three passes over blocks of its keys, which stay in the first- and second-level caches:
///
///     1. S                            the scores, recomputed; m̂ of each row
///     2. P̂ = exp(S − m̂) / l̂           dP = Z ∘ (dO Vᵀ); Σ P̂ ∘ dP of each row
///     3. dS = P ∘ (dP − D)            P = share · P̂; RowTerms has share and D
///        dV += (P ∘ Z)ᵀ dO
///        dS ← dS ∘ f′, last modifier first; dθ += Σ dS · ∂f/∂θ before each
///        dQ += scale · dS K           dK += scale · dSᵀ Q
struct GradientStrip {
  private typealias Sizes = Tuning.Gradients

  let scores: ScorePass
  let pointers: TiledGradients.Pointers
  /// The gradient of each modifier's parameters; nil for a modifier without parameters.
  let parameters: [UnsafeMutableBufferPointer<Float>?]

  private var problem: AttentionProblem { scores.problem }
  private var kernels: any Kernels { scores.kernels }
  private var sequence: SequenceMask { scores.sequence }
  private var head: Int { scores.head }

  private let plan: Plan
  /// P, dS and the input of a modifier, each `[R, C]`.
  private let tiles: UnsafeMutablePointer<Float>
  /// The strip's rows of Q, `[R, D]`, multiplied by `problem.scale.onQueries`.
  private let queryRows: UnsafeMutablePointer<Float>
  /// ‖k‖ of each key of the sequence.
  private let keyNorms: UnsafeMutablePointer<Float>

  private let valueStride: Int
  private let outputStride: Int
  private let value: UnsafePointer<Float>
  private let outputGradient: UnsafePointer<Float>
  private let given: Given?
  private let queryGradient: UnsafeMutablePointer<Float>
  private let keyGradient: UnsafeMutablePointer<Float>
  private let valueGradient: UnsafeMutablePointer<Float>

  /// This head's rows of the given result, starting with the sequence's first query.
  private struct Given {
    let output: UnsafePointer<Float>
    let maximum: UnsafePointer<Float>
    let sum: UnsafePointer<Float>
    let isLogSumExp: Bool
  }

  init(
    scores: ScorePass, pointers: TiledGradients.Pointers,
    parameters: [UnsafeMutableBufferPointer<Float>?], plan: Plan,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (problem, sequence, head) = (scores.problem, scores.sequence, scores.head)
    let (D, E) = (problem.keyDimension, problem.valueDimension)
    let group = problem.keyValueHead(of: head)
    let firstQuery = sequence.queries.lowerBound
    self.scores = scores
    self.parameters = parameters
    self.pointers = pointers
    self.plan = plan
    tiles = scratch
    queryRows = tiles + plan.tileCount * plan.scoreCount
    keyNorms = queryRows + Sizes.mostQueries * D
    valueStride = problem.keyValueHeadCount * E
    outputStride = problem.headCount * E
    let valueOffset = sequence.firstKeyRow * valueStride + group * E
    let outputOffset = firstQuery * outputStride + head * E
    value = pointers.values + valueOffset
    valueGradient = pointers.valueGradient + valueOffset
    outputGradient = pointers.outputGradient + outputOffset
    let row = head * problem.queryCount + firstQuery
    given = pointers.given.map {
      Given(
        output: $0.output + outputOffset, maximum: $0.maximum + row, sum: $0.sum + row,
        isLogSumExp: $0.isLogSumExp)
    }
    queryGradient = pointers.queryGradient + firstQuery * scores.queryStride + head * D
    keyGradient =
      pointers.keyGradient + sequence.firstKeyRow * scores.keyStride + group * D
  }

  // MARK: - Strips

  /// The strips of a sequence: the same for all of its heads.
  struct Plan {
    fileprivate let strips: [(queries: Range<Int>, keys: Range<Int>)]
    /// The number of scores in the largest tile.
    fileprivate let scoreCount: Int
    /// The number of tiles: P, dS and, for modifiers whose derivative depends on their input, that
    /// input.
    fileprivate let tileCount: Int
    /// The size of a strip's work memory, in scalars.
    let scratchCount: Int

    init(_ problem: AttentionProblem, _ sequence: SequenceMask) {
      var strips: [(queries: Range<Int>, keys: Range<Int>)] = []
      var start = 0
      while start < sequence.queries.count {
        var queries = start..<min(start + Sizes.mostQueries, sequence.queries.count)
        let keys = sequence.keptKeys(queries: queries)
        let count = max(Sizes.fewestQueries, Sizes.scoreCapacity / Self.stride(keys))
        queries = queries.prefix(count)
        strips.append((queries, sequence.keptKeys(queries: queries)))
        start = queries.upperBound
      }
      self.strips = strips
      scoreCount = strips.reduce(0) { max($0, $1.queries.count * Self.stride($1.keys)) }
      tileCount = problem.modifiers.allSatisfy(\.isAdditive) ? 2 : 3
      scratchCount =
        tileCount * scoreCount + Sizes.mostQueries * problem.keyDimension + sequence.keys.count
    }

    /// The distance between the rows of a tile, in scalars: one cache line more than the rows take,
    /// because rows that are a power of two apart evict each other from the cache.
    fileprivate static func stride(_ keys: Range<Int>) -> Int { (keys.count + 15) / 16 * 16 + 16 }
  }

  /// Adds this head's contribution to every gradient; returns the gradient of its sink.
  ///
  /// - Parameter selecting: whether to skip hidden scores one by one in every product. The gradients
  ///   of the modifiers' parameters are then not added again: they use no product and are already
  ///   complete.
  func run(selecting: Bool) throws -> Double {
    if given != nil { fillKeyNorms() }
    return try plan.strips.reduce(0) { sink, strip in
      try sink + run(strip.queries, strip.keys, selecting: selecting)
    }
  }

  private func run(
    _ queries: Range<Int>, _ keys: Range<Int>, selecting: Bool
  ) throws -> Double {
    /// P, dS or a modifier's input, for a block of keys.
    func tile(_ index: Int, _ block: Range<Int>) -> ScoreTile {
      scores.tile(
        queries: queries, keys: block,
        in: tiles + index * plan.scoreCount + block.lowerBound - keys.lowerBound,
        rowStride: Plan.stride(keys))
    }
    let keyBlocks = Array(blocks(of: keys, length: Sizes.keyBlock))
    let sink = problem.sinks?[head] ?? -.infinity
    var rows = [Row](repeating: Row(maximum: sink), count: queries.count)

    scores.copyQueries(queries, to: queryRows)
    for block in keyBlocks {  // 1
      try Cancellation.check()
      let weights = tile(0, block)
      try scores.fill(weights, queries: queryRows)
      for (index, query) in queries.enumerated() {
        let largest = scores.kernels.maximum(UnsafeBufferPointer(weights.row(of: query)))
        rows[index].maximum = max(rows[index].maximum, largest)
      }
    }
    for index in rows.indices { rows[index].add(sink: sink) }
    for block in keyBlocks {  // 2
      try Cancellation.check()
      let (weights, slopes) = (tile(0, block), tile(1, block))
      try exponentiate(weights, slopes, &rows)
    }
    let terms = queries.map {
      rowTerms(of: $0, rows[$0 - queries.lowerBound], firstQuery: queries.lowerBound)
    }
    for block in keyBlocks {  // 3
      try Cancellation.check()
      let (weights, slopes) = (tile(0, block), tile(1, block))
      finish(weights, slopes, rows, terms)
      try addValueGradient(weights, selecting)
      try backpropagate(slopes, tile(2, block), addingToParameters: !selecting)
      try addQueryGradient(slopes, selecting)
      try addKeyGradient(slopes, selecting)
    }
    return zip(rows, terms).reduce(0) { sum, row in
      sum - (row.0.sum == 0 ? 0 : row.0.sinkTerm / row.0.sum * row.1.share * row.1.product)
    }
  }

  // MARK: - Rows

  /// The softmax of a row over the keys so far.
  private struct Row {
    /// m̂.
    var maximum: Float
    /// l̂, and the part of it that comes from the sink, exp(sink − m̂).
    var sum = 0.0
    var sinkTerm = 0.0
    /// l̂ · Σ P̂ ∘ dP.
    var product = 0.0
    /// l̂ · Σ P̂ ‖k‖.
    var keyNorm = 0.0

    /// The number that is subtracted from the scores.
    var shift: Float { asShift(maximum) }

    mutating func add(sink: Float) {
      guard sink != -.infinity else { return }
      sinkTerm = Double(VectorMath.exp(VectorMath.Lanes(repeating: sink - shift))[0])
      sum += sinkTerm
    }
  }

  /// l̂ · P̂ ← exp(S − m̂); dP ← Z ∘ (dO Vᵀ); the sums of the rows.
  private func exponentiate(
    _ weights: ScoreTile, _ slopes: ScoreTile, _ rows: inout [Row]
  ) throws {
    for (index, query) in weights.queries.enumerated() {
      let sum = scores.kernels.exponentials(weights.row(of: query), minus: rows[index].shift)
      rows[index].sum += Double(sum)
    }
    sequence.hide(weights, with: 0)  // exp(−∞ − NaN) is not 0
    try multiplyByValues(slopes)
    problem.dropout?.apply(to: slopes)
    sequence.hide(slopes, with: 0)
    let norms = UnsafeMutableBufferPointer(
      start: keyNorms + weights.keys.lowerBound, count: weights.keys.count)
    for (index, query) in weights.queries.enumerated() {
      let row = weights.row(of: query)
      rows[index].product += Double(dot(row, slopes.row(of: query)))
      if given != nil { rows[index].keyNorm += Double(dot(row, norms)) }
    }
  }

  /// P ← share · P̂; dS ← P ∘ (dP − D); then P ← P ∘ Z.
  private func finish(
    _ weights: ScoreTile, _ slopes: ScoreTile, _ rows: [Row], _ terms: [RowTerms]
  ) {
    for (index, query) in weights.queries.enumerated() {
      let (p, dS) = (weights.row(of: query), slopes.row(of: query))
      if rows[index].sum != 0 { scores.kernels.divide(p, by: Float(rows[index].sum)) }
      if terms[index].share != 1 { scores.kernels.scale(p, by: Float(terms[index].share)) }
      let D = Float(terms[index].product)
      for key in p.indices { dS[key] = p[key] * (dS[key] - D) }
    }
    sequence.hide(slopes, with: 0)
    problem.dropout?.apply(to: weights)
  }

  /// The share and D of a query's row.
  private func rowTerms(of query: Int, _ row: Row, firstQuery: Int) -> RowTerms {
    let product = row.sum == 0 ? 0 : row.product / row.sum
    guard let given else { return RowTerms(wholeRow: product) }
    let q = UnsafeMutableBufferPointer(
      start: queryRows + (query - firstQuery) * problem.keyDimension, count: problem.keyDimension)
    let norms = Double(dot(q, q).squareRoot()) * row.keyNorm / row.sum
    return RowTerms(
      maximum: Double(row.maximum), sum: row.sum, product: product,
      scoreSize: Double(abs(problem.scale.onProduct)) * norms,
      given: RowTerms.Given(
        maximum: given.maximum[query], sum: given.sum[query], isLogSumExp: given.isLogSumExp,
        product: {
          let start = query * outputStride
          return (start..<start + problem.valueDimension).reduce(0) {
            $0 + Double(outputGradient[$1]) * Double(given.output[$1])
          }
        }))
  }

  private func dot(
    _ left: UnsafeMutableBufferPointer<Float>, _ right: UnsafeMutableBufferPointer<Float>
  ) -> Float {
    guard let right = right.baseAddress else { return 0 }
    return VectorMath.dot(UnsafeBufferPointer(left), right)
  }

  /// Computes ‖k‖ of each key of the sequence, or 0 if the norm is not finite: a hidden key may have
  /// NaN, and its weight of 0 times NaN would be NaN.
  private func fillKeyNorms() {
    for key in 0..<sequence.keys.count {
      let base = scores.key + key * scores.keyStride
      let norm = VectorMath.dot(
        UnsafeBufferPointer(start: base, count: problem.keyDimension), base
      ).squareRoot()
      keyNorms[key] = norm.isFinite ? norm : 0
    }
  }

  // MARK: - Steps

  /// dO Vᵀ.
  private func multiplyByValues(_ tile: ScoreTile) throws {
    try kernels.multiply(
      MatrixProduct(
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
    _ slopes: ScoreTile, _ input: ScoreTile, addingToParameters: Bool
  ) throws {
    for (index, modifier) in problem.modifiers.enumerated().reversed() {
      let isAdditive = modifier.isAdditive
      if !isAdditive { try scores.fill(input, queries: queryRows, upToModifier: index) }
      if addingToParameters, let gradient = parameters[index] {
        var span = gradient.mutableSpan
        modifier.addParameterGradient(
          slopes: slopes, scores: isAdditive ? nil : input, to: &span)
      }
      if !isAdditive { modifier.multiplyDerivative(into: slopes, scores: input) }
    }
  }

  // MARK: - Products

  /// The rows of a factor, one per query or key. Row i starts i · stride scalars after the first.
  private struct Rows {
    let first: UnsafePointer<Float>
    let stride: Int
    let width: Int
  }

  /// dV += (P ∘ Z)ᵀ dO.
  private func addValueGradient(_ weights: ScoreTile, _ selecting: Bool) throws {
    try addProduct(
      weights, isTransposed: true, scale: 1,
      with: Rows(first: outputGradient, stride: outputStride, width: problem.valueDimension),
      to: valueGradient, targetStride: valueStride, selecting)
  }

  /// dQ += scale · dS K.
  private func addQueryGradient(_ slopes: ScoreTile, _ selecting: Bool) throws {
    try addProduct(
      slopes, isTransposed: false, scale: problem.scale.value,
      with: Rows(first: scores.key, stride: scores.keyStride, width: problem.keyDimension),
      to: queryGradient, targetStride: scores.queryStride, selecting)
  }

  /// dK += scale · dSᵀ Q.
  private func addKeyGradient(_ slopes: ScoreTile, _ selecting: Bool) throws {
    try addProduct(
      slopes, isTransposed: true, scale: problem.scale.value,
      with: Rows(first: scores.query, stride: scores.queryStride, width: problem.keyDimension),
      to: keyGradient, targetStride: scores.keyStride, selecting)
  }

  /// target += scale · T X, with the tile T: the rows of X are keys and the rows of the target are
  /// queries. Transposed: target += scale · Tᵀ X, with the queries as rows of X and the keys as rows
  /// of the target.
  private func addProduct(
    _ tile: ScoreTile, isTransposed: Bool, scale: Float, with factor: Rows,
    to target: UnsafeMutablePointer<Float>, targetStride: Int, _ selecting: Bool
  ) throws {
    let (rows, inner) = isTransposed ? (tile.keys, tile.queries) : (tile.queries, tile.keys)
    guard !selecting else {
      for query in tile.queries {
        let slopes = tile.row(of: query)
        for key in sequence.keptKeys(query: query).clamped(to: tile.keys)
        where sequence.keeps(query: query, key: key, head: head) {
          let slope = scale * slopes[key - tile.keys.lowerBound]
          let source = factor.first + (isTransposed ? query : key) * factor.stride
          let sum = target + (isTransposed ? key : query) * targetStride
          for column in 0..<factor.width { sum[column] += slope * source[column] }
        }
      }
      return
    }
    try kernels.multiply(
      MatrixProduct(
        m: rows.count, n: factor.width, k: inner.count, alpha: scale,
        a: .init(tile.base, leadingDimension: tile.rowStride, isTransposed: isTransposed),
        b: .init(
          factor.first + inner.lowerBound * factor.stride, leadingDimension: factor.stride),
        beta: 1, c: target + rows.lowerBound * targetStride, cLeadingDimension: targetStride))
  }

  // MARK: - Numbers that are not finite

  /// Whether all gradients of this head and of its keys and values are finite.
  var isFinite: Bool {
    rows.allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  /// Sets the gradients of this head and of its keys and values to 0.
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
