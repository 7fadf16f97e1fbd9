import RealModule

/// The operator as its formula, in Double, one query at a time: slow, but readable.
package struct ReferenceAttention {
  /// `[query token, head, dv]`.
  package private(set) var output: [Double]
  /// `[head, query token, key token]`; empty if the weights are not kept.
  package private(set) var weights: [Double]
  /// `[head, query token]`.
  package private(set) var logSumExp: [Double]
  /// m and l of each row, `[head, query token]`: L = m + log l.
  package private(set) var maxima: [Double]
  package private(set) var sums: [Double]

  /// Q, K, V and sinks in Double. Tests change them to compute numerical derivatives.
  package struct Arguments {
    package var queries: [Double]
    package var keys: [Double]
    package var values: [Double]
    package var sinks: [Double]?

    package init(queries: Tensor, keys: Tensor, values: Tensor, sinks: [Float]?) throws {
      self.queries = try queries.convertedScalars()
      self.keys = try keys.convertedScalars()
      self.values = try values.convertedScalars()
      self.sinks = sinks?.map { Double($0) }
    }
  }

  private let problem: AttentionProblem

  /// Computes the operator and keeps all intermediate results.
  ///
  /// - Parameter arguments: numbers that replace the scalars of the tensors and sinks; nil for no
  ///   replacement.
  package init(
    queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions = AttentionOptions(),
    replacedBy arguments: Arguments? = nil
  ) throws {
    try self.init(
      AttentionProblem(queries: queries, keys: keys, values: values, options: options),
      replacedBy: arguments)
  }

  init(
    _ problem: AttentionProblem, replacedBy replacement: Arguments? = nil, keepsWeights: Bool = true
  ) throws {
    try Self.checkMemory(of: problem, keepsWeights: keepsWeights)
    let arguments =
      try replacement
      ?? Arguments(
        queries: problem.queries, keys: problem.keys, values: problem.values, sinks: problem.sinks)
    let (H, G, E) = (problem.headCount, problem.keyValueHeadCount, problem.valueDimension)
    let (Q, K) = (problem.queryCount, problem.keyCount)
    self.problem = problem
    output = try .zeros(count: Q * H * E)
    weights = keepsWeights ? try .zeros(count: Shape([H, Q, K]).elementCount()) : []
    logSumExp = Array(repeating: -.infinity, count: H * Q)
    maxima = logSumExp
    sums = try .zeros(count: H * Q)

    for sequence in problem.sequences {
      for h in 0..<H {
        for i in 0..<sequence.queries.count {
          try Cancellation.check()
          let row = sequence.queries.lowerBound + i

          // 1. Scores of the keys that this query keeps: scale · q·k, then every modifier.
          let kept = sequence.keptKeys(query: i)
            .filter { sequence.keeps(query: i, key: $0, head: h) }
          let scores = kept.map { j in
            Self.score(problem, arguments, sequence, head: h, query: i, key: j)
          }

          // 2. Softmax over the scores and the sink; without scores and sink, the row stays 0.
          let sink = arguments.sinks?[h] ?? -.infinity
          let largest = scores.reduce(sink) { max($0, $1) }
          let shift = largest == -.infinity ? 0 : largest
          let exponentials = scores.map { Double.exp($0 - shift) }
          let total = exponentials.reduce(.exp(sink - shift), +)
          guard total != 0 else { continue }
          logSumExp[h * Q + row] = shift + .log(total)
          (maxima[h * Q + row], sums[h * Q + row]) = (largest, total)

          // 3. The weighted sum of the values, after dropout.
          for (j, exponential) in zip(kept, exponentials) {
            let column = sequence.keys.lowerBound + j
            let factor = problem.dropoutFactor(sequence, head: h, query: i, key: j)
            let weight = exponential / total * Double(factor)
            let value = ((sequence.firstKeyRow + j) * G + problem.keyValueHead(of: h)) * E
            if keepsWeights { weights[(h * Q + row) * K + column] = weight }
            for e in 0..<E { output[(row * H + h) * E + e] += weight * arguments.values[value + e] }
          }
        }
      }
    }
  }

  /// Checks that the arguments and all intermediate results can be allocated.
  private static func checkMemory(of problem: AttentionProblem, keepsWeights: Bool) throws {
    let (H, Q, K) = (problem.headCount, problem.queryCount, problem.keyCount)
    let outputShape = Shape([Q, H, problem.valueDimension])
    var counts = [
      problem.queries.count, problem.keys.count, problem.values.count, 3 * H * Q,
      try outputShape.elementCount(),
    ]
    if keepsWeights { counts.append(try Shape([H, Q, K]).elementCount()) }
    let count = counts.reduce(0) { min($0, .max / 2) + min($1, .max / 2) }
    let result =
      keepsWeights ? "weights of shape \(Shape([H, Q, K]))" : "output of shape \(outputShape)"
    try requireMemory(
      count: count, of: Double.self, purpose: "the \(result) in double precision")
  }

  /// One modified score.
  private static func score(
    _ problem: AttentionProblem, _ arguments: Arguments, _ sequence: SequenceMask, head: Int,
    query: Int, key: Int
  ) -> Double {
    let (H, G, D) = (problem.headCount, problem.keyValueHeadCount, problem.keyDimension)
    let q = ((sequence.queries.lowerBound + query) * H + head) * D
    let k = ((sequence.firstKeyRow + key) * G + problem.keyValueHead(of: head)) * D
    var dot = 0.0
    for d in 0..<D { dot += arguments.queries[q + d] * arguments.keys[k + d] }
    let position = sequence.position(head: head, query: query, key: key)
    return problem.modifiers.reduce(Double(problem.scale.value) * dot) {
      $1.value(of: $0, at: position)
    }
  }

  /// The results, each number rounded once to Float.
  func rounded(returning results: AttentionResults) throws -> AttentionResult {
    let (H, Q, K) = (problem.headCount, problem.queryCount, problem.keyCount)
    // m is rounded first, so that m + log l remains the logarithm of the same sum.
    let statistics =
      try results.contains(.logSumExp)
      ? SoftmaxStatistics(
        maximum: Tensor(shape: [H, Q], rounding: maxima),
        sum: Tensor(
          shape: [H, Q],
          rounding: zip(maxima, sums).map { m, l in
            l == 0 ? 0 : l * .exp(m - Double(Float(m)))
          })) : nil
    return AttentionResult(
      output: try Tensor(shape: [Q, H, problem.valueDimension], rounding: output),
      weights: try results.contains(.weights)
        ? Tensor(shape: [H, Q, K], rounding: weights) : nil,
      meanWeights: try results.contains(.meanWeights)
        ? Tensor(shape: [Q, K], rounding: meanWeights()) : nil,
      logSumExp: try results.contains(.logSumExp)
        ? Tensor(shape: [H, Q], rounding: logSumExp) : nil,
      statistics: statistics)
  }

  /// The weights averaged over the heads, `[query token, key token]`.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled.
  package func meanWeights() throws -> [Double] {
    let (H, plane) = (problem.headCount, problem.queryCount * problem.keyCount)
    return try .checked(count: plane) { position in
      (0..<H).reduce(0) { $0 + weights[$1 * plane + position] } / Double(H)
    }
  }
}
