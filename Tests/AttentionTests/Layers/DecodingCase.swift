import TestSupport

@testable import Attention

/// Sequences that are decoded with a cache in several steps, compared with a single pass.
struct DecodingCase {
  /// The final length of each sequence.
  var lengths: [Int]
  var headCount = 4
  var keyValueHeadCount = 2
  var policy = KeyValueCache.Policy.growing
  /// Whether each step first appends other tokens and then rewinds.
  var hasDetours = false
  /// Whether to add the causal mask, which hides future tokens.
  var isCausal = true
  var seed: UInt64 = 1

  let keyDimension = 8
  let valueDimension = 5

  /// The largest differences from the single pass in Double.
  struct Distance {
    var output = 0.0
    var weights = 0.0
    var logSumExp = 0.0
    var isWithinTolerance: Bool { max(output, weights, logSumExp) <= 5e-6 }
  }

  /// Decodes in the given steps, each the number of tokens of every sequence, and compares every
  /// row.
  ///
  /// - Parameter make: returns the options for numbers of packed queries and keys.
  func distance(
    steps: [[Int]], on backend: Backend, _ make: (Int, Int) throws -> AttentionOptions
  ) throws -> Distance {
    let total = lengths.reduce(0, +)
    let shape = OperatorCase(
      queryCount: total, keyCount: total, headCount: headCount,
      keyValueHeadCount: keyValueHeadCount, keyDimension: keyDimension,
      valueDimension: valueDimension, seed: seed)
    let all = try shape.arguments()
    var options = try make(total, total)
    options.lengths = lengths
    if isCausal { options.mask = options.mask.intersection(.causal) }
    var whole = options
    if case .rotating(let window) = policy {
      whole.mask = whole.mask.intersection(.window(left: window - 1, right: nil))
    }
    let exact = try ReferenceAttention(
      queries: all.queries, keys: all.keys, values: all.values, options: whole)

    let starts = lengths.indices.map { lengths[..<$0].reduce(0, +) }
    var cache = try KeyValueCache(
      sequenceCount: lengths.count, keyValueHeadCount: keyValueHeadCount,
      keyDimension: keyDimension, valueDimension: valueDimension, policy: policy)
    var distance = Distance()
    for step in steps {
      let before = cache.lengths
      if hasDetours { try takeDetour(&cache) }
      let rows = zip(zip(starts, before), step).flatMap { $0.0 + $0.1..<$0.0 + $0.1 + $1 }
      let kept = try cache.keptLengths(appending: step)
      try cache.append(
        keys: all.keys.selecting(rows), values: all.values.selecting(rows), lengths: step)
      guard cache.keptLengths == kept, cache.lengths == zip(before, step).map({ $0 + $1 }) else {
        return Distance(output: .infinity)
      }
      let columns = lengths.indices.flatMap {
        (cache.lengths[$0] - kept[$0]..<cache.lengths[$0]).shifted(by: starts[$0])
      }
      var part = try options.selecting(rows: rows, columns: columns)
      part.lengths = step
      let result = try attention(
        queries: all.queries.selecting(rows), cache: cache, options: part,
        returning: [.weights, .logSumExp, .meanWeights], on: backend)
      try distance.add(result, exact, rows: rows, columns: columns, total: total)
    }
    return distance
  }

  /// Appends random tokens to every sequence and rewinds.
  private func takeDetour(_ cache: inout KeyValueCache) throws {
    let before = cache.lengths
    let more = before.indices.map { $0 % 2 == 0 ? 3 : 1 }
    let count = more.reduce(0, +)
    try cache.append(
      keys: ModifierTests.noise([count, keyValueHeadCount, keyDimension], seed: 20),
      values: ModifierTests.noise([count, keyValueHeadCount, valueDimension], seed: 21),
      lengths: more)
    for (index, length) in before.enumerated() { try cache.rewind(sequence: index, to: length) }
  }

  /// Steps of one token for each sequence that is not complete.
  var singleSteps: [[Int]] {
    (0..<(lengths.max() ?? 0)).map { step in lengths.map { step < $0 ? 1 : 0 } }
  }

  /// Steps of 0 to `most` random numbers of tokens for each sequence.
  func unevenSteps(most: Int, first: Int = 0) -> [[Int]] {
    var generator = SeededGenerator(seed: seed)
    var left = lengths
    var steps: [[Int]] = []
    while left.contains(where: { $0 > 0 }) {
      let step = left.map {
        min($0, (steps.isEmpty ? first : 0) + Int.random(in: 0...most, using: &generator))
      }
      left = zip(left, step).map { $0 - $1 }
      steps.append(step)
    }
    return steps
  }
}

extension DecodingCase.Distance {
  fileprivate mutating func add(
    _ result: AttentionResult, _ exact: ReferenceAttention, rows: [Int], columns: [Int], total: Int
  ) throws {
    let (H, E) = (result.output.shape[1], result.output.shape[2])
    output = max(
      output,
      largestDistance(
        result.output.scalars, rows.flatMap { exact.output[$0 * H * E..<($0 + 1) * H * E] }))
    let planes = (0..<H).flatMap { head in rows.map { head * total + $0 } }
    logSumExp = max(
      logSumExp,
      largestDistance(result.logSumExp?.scalars ?? [], planes.map { exact.logSumExp[$0] }))
    weights = max(
      weights,
      largestDistance(
        result.weights?.scalars ?? [],
        planes.flatMap { row in columns.map { exact.weights[row * total + $0] } }),
      largestDistance(
        result.meanWeights?.scalars ?? [],
        rows.flatMap { row in columns.map { exact.meanWeight(row, $0, total: total) } }))
  }
}

extension ReferenceAttention {
  fileprivate func meanWeight(_ row: Int, _ column: Int, total: Int) -> Double {
    let heads = weights.count / (total * total)
    return (0..<heads).reduce(0) { $0 + weights[($1 * total + row) * total + column] }
      / Double(heads)
  }
}

// MARK: - The options of the single pass, restricted to one step

extension AttentionOptions {
  fileprivate func selecting(rows: [Int], columns: [Int]) throws -> AttentionOptions {
    var part = self
    part.bias = try bias.map {
      let scalars = $0.scalars
      let shape = $0.shape
      return try Tensor(
        shape: shape.plane(rows.count, columns.count),
        scalars: shape.positions(rows, columns).map { scalars[$0] })
    }
    part.mask.booleans = try mask.booleans.map { keep in
      try BooleanTensor(
        shape: keep.shape.plane(rows.count, columns.count),
        elements: keep.shape.positions(rows, columns).map { keep.elements[$0] })
    }
    part.mask.keys = mask.keys.map { keep in columns.map { keep[$0] } }
    return part
  }
}

extension Shape {
  /// This shape with other extents of the last two axes.
  fileprivate func plane(_ rowCount: Int, _ columnCount: Int) -> Shape {
    Shape(dimensions.dropLast(2) + [rowCount, columnCount])
  }

  /// The positions of these rows and columns in every plane.
  fileprivate func positions(_ rows: [Int], _ columns: [Int]) -> [Int] {
    let (rowCount, columnCount) = (self[rank - 2], self[rank - 1])
    return (0..<(rank == 3 ? self[0] : 1)).flatMap { plane in
      rows.flatMap { row in columns.map { (plane * rowCount + row) * columnCount + $0 } }
    }
  }
}

extension Tensor {
  /// The slices of the first axis at these indices.
  func selecting(_ rows: [Int]) throws -> Tensor {
    try Tensor(
      shape: Shape([rows.count] + shape.dimensions.dropFirst()),
      scalars: rows.flatMap { try self.rows($0..<$0 + 1).scalars })
  }
}
