/// One head's block of queries against all its keys, a block of keys at a time.
///
/// Legend: H query heads, G key-value heads, D = dk, E = dv; R queries in the block, C keys in a
/// tile. Rows of a head stand H·D (queries), G·D (keys), G·E (values), H·E (output) apart.
struct AttentionTile {
  let problem: AttentionProblem
  let kernels: any Kernels
  let sequence: SequenceMask
  let head: Int
  let queries: Range<Int>
  let pointers: TiledAttention.Pointers

  /// S, then P: `[R, keyBlock]`.
  private let scores: UnsafeMutablePointer<Float>
  /// m, l and a of each row.
  private let largest: UnsafeMutableBufferPointer<Float>
  private let total: UnsafeMutableBufferPointer<Float>
  private let correction: UnsafeMutableBufferPointer<Float>

  private let keyStride: Int
  private let valueStride: Int
  private let outputStride: Int
  private let query: UnsafePointer<Float>
  private let key: UnsafePointer<Float>
  private let value: UnsafePointer<Float>
  private let output: UnsafeMutablePointer<Float>
  /// This head's weights for the block's first query, from the sequence's first key on.
  private let weights: UnsafeMutablePointer<Float>?

  init(
    problem: AttentionProblem, kernels: any Kernels, sequence: SequenceMask, head: Int,
    queries: Range<Int>, pointers: TiledAttention.Pointers, scratch: UnsafeMutablePointer<Float>
  ) {
    let (D, E, R) = (problem.keyDimension, problem.valueDimension, queries.count)
    let group = problem.keyValueHead(of: head)
    let firstQuery = sequence.queries.lowerBound + queries.lowerBound
    let firstKey = sequence.keys.lowerBound
    self.problem = problem
    self.kernels = kernels
    self.sequence = sequence
    self.head = head
    self.queries = queries
    self.pointers = pointers

    scores = scratch
    let rows = scratch + TiledAttention.queryBlock * TiledAttention.keyBlock
    largest = UnsafeMutableBufferPointer(start: rows, count: R)
    total = UnsafeMutableBufferPointer(start: rows + TiledAttention.queryBlock, count: R)
    correction = UnsafeMutableBufferPointer(start: rows + 2 * TiledAttention.queryBlock, count: R)

    keyStride = problem.keyValueHeadCount * D
    valueStride = problem.keyValueHeadCount * E
    outputStride = problem.headCount * E
    query = pointers.queries + (firstQuery * problem.headCount + head) * D
    key = pointers.keys + firstKey * keyStride + group * D
    value = pointers.values + firstKey * valueStride + group * E
    output = pointers.output + firstQuery * outputStride + head * E
    weights = pointers.weights.map {
      $0 + (head * problem.queryCount + firstQuery) * problem.keyCount + firstKey
    }
  }

  /// Computes the block's rows of the output, and of the weights and log-sum-exps if they are wanted.
  mutating func run() throws {
    try accumulate(selecting: false)
    // A hidden value is multiplied by a weight of exactly 0, which NaN and ∞ survive. That is rare
    // enough to look for afterwards, and then to leave hidden values out one by one.
    if sequence.hidesAnything, !outputIsFinite { try accumulate(selecting: true) }
    finish()
  }

  // MARK: - The passes

  private func accumulate(selecting: Bool) throws {
    largest.update(repeating: -.infinity)
    total.update(repeating: 0)
    for row in queries.indices.map({ $0 - queries.lowerBound }) {
      (output + row * outputStride).update(repeating: 0, count: problem.valueDimension)
    }
    // Bounds never decrease with the query: the first row's lower and the last row's upper bound
    // hold every key that any row keeps.
    let first = sequence.keptKeys(query: queries.lowerBound)
    let last = sequence.keptKeys(query: queries.upperBound - 1)
    var start = first.lowerBound
    while start < last.upperBound {
      let keys = start..<min(start + TiledAttention.keyBlock, last.upperBound)
      try score(keys)
      mask(keys)
      exponentiate(keys)
      if selecting { mixKept(keys) } else { try mix(keys) }
      start = keys.upperBound
    }
  }

  /// 1. S ← scale · Q Kᵀ.
  private func score(_ keys: Range<Int>) throws {
    // BLAS does not look at Q and K when α is 0; a scale of 0 must still pass NaN on.
    let scale = problem.scale
    kernels.multiply(
      try MatrixProduct(
        m: queries.count, n: keys.count, k: problem.keyDimension, alpha: scale == 0 ? 1 : scale,
        a: .init(query, leadingDimension: problem.headCount * problem.keyDimension),
        b: .init(
          key + keys.lowerBound * keyStride, leadingDimension: keyStride, isTransposed: true),
        c: scores, cLeadingDimension: TiledAttention.keyBlock))
    guard scale == 0 else { return }
    for row in 0..<queries.count {
      for column in 0..<keys.count { scoreRow(row, keys)[column] *= scale }
    }
  }

  /// 2. Hidden scores become −∞, whatever they were.
  private func mask(_ keys: Range<Int>) {
    guard sequence.hidesAnything else { return }
    for row in 0..<queries.count {
      let scores = scoreRow(row, keys)
      let kept = sequence.keptKeys(query: queries.lowerBound + row).clamped(to: keys)
      for column in 0..<kept.lowerBound - keys.lowerBound { scores[column] = -.infinity }
      for column in kept.upperBound - keys.lowerBound..<keys.count { scores[column] = -.infinity }
      guard sequence.hidesSingleKeys else { continue }
      for key in kept
      where !sequence.keeps(query: queries.lowerBound + row, key: key, head: head) {
        scores[key - keys.lowerBound] = -.infinity
      }
    }
  }

  /// 3. m, l and a; P ← exp(S − m); O ← a · O.
  private func exponentiate(_ keys: Range<Int>) {
    for row in 0..<queries.count {
      let scores = scoreRow(row, keys)
      // The scores are kept where the weights will be; `finish` turns them into weights.
      if let weights, let base = scores.baseAddress {
        (weights + row * problem.keyCount + keys.lowerBound).update(from: base, count: keys.count)
      }
      let old = largest[row]
      largest[row] = max(old, kernels.maximum(UnsafeBufferPointer(scores)))
      // Equal maxima may be infinite, and ∞ − ∞ is NaN.
      correction[row] = old == largest[row] ? 0 : old - largest[row]
    }
    _ = kernels.exponentials(correction, minus: 0)
    for row in 0..<queries.count {
      let a = correction[row]
      // A row of −∞ alone: exp(−∞ − 0) = 0, where −∞ − (−∞) would be NaN.
      let m = largest[row] == -.infinity ? 0 : largest[row]
      total[row] = a * total[row] + kernels.exponentials(scoreRow(row, keys), minus: m)
      if a != 1 { VectorMath.map(outputRow(row)) { $0 * a } }
    }
  }

  /// 4. O ← O + P V.
  private func mix(_ keys: Range<Int>) throws {
    kernels.multiply(
      try MatrixProduct(
        m: queries.count, n: problem.valueDimension, k: keys.count,
        a: .init(scores, leadingDimension: TiledAttention.keyBlock),
        b: .init(value + keys.lowerBound * valueStride, leadingDimension: valueStride),
        beta: 1, c: output, cLeadingDimension: outputStride))
  }

  /// 4′. The same, one weight at a time, without touching the values that a query must not see.
  private func mixKept(_ keys: Range<Int>) {
    for row in 0..<queries.count {
      let (scores, output) = (scoreRow(row, keys), outputRow(row))
      for key in sequence.keptKeys(query: queries.lowerBound + row).clamped(to: keys)
      where sequence.keeps(query: queries.lowerBound + row, key: key, head: head) {
        let weight = scores[key - keys.lowerBound]
        for column in output.indices {
          output[column] += weight * value[key * valueStride + column]
        }
      }
    }
  }

  /// 5. O ← O / l; the weights and the log-sum-exp.
  private func finish() {
    let firstQuery = sequence.queries.lowerBound + queries.lowerBound
    let last = sequence.keptKeys(query: queries.upperBound - 1).upperBound
    let first = min(sequence.keptKeys(query: queries.lowerBound).lowerBound, last)
    for row in 0..<queries.count {
      let (m, l) = (largest[row], total[row])
      // l is 0 exactly when every score is −∞: nothing to attend to, and O is 0 already.
      if l != 0 { VectorMath.map(outputRow(row)) { $0 / l } }
      if let weights {
        let row = UnsafeMutableBufferPointer(
          start: weights + row * problem.keyCount + first, count: last - first)
        _ = kernels.exponentials(row, minus: m == -.infinity ? 0 : m)
        if l != 0 { VectorMath.map(row) { $0 / l } }
      }
      if let logSumExp = pointers.logSumExp {
        logSumExp[head * problem.queryCount + firstQuery + row] =
          l == 0 ? -.infinity : Float(Double(m) + VectorMath.log(Double(l)))
      }
    }
  }

  // MARK: - Rows

  private func scoreRow(_ row: Int, _ keys: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: scores + row * TiledAttention.keyBlock, count: keys.count)
  }

  private func outputRow(_ row: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: output + row * outputStride, count: problem.valueDimension)
  }

  private var outputIsFinite: Bool {
    (0..<queries.count).allSatisfy { row in outputRow(row).allSatisfy { $0.isFinite } }
  }
}
