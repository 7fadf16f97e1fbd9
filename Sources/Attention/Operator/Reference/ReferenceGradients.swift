import RealModule

/// The gradients as their formulas, one score at a time. In Double, they are the reference; in Float,
/// they show the error of a naive computation.
package struct ReferenceGradients<Scalar: Real & BinaryFloatingPoint & BitwiseCopyable> {
  package private(set) var queries: [Scalar]
  package private(set) var keys: [Scalar]
  package private(set) var values: [Scalar]
  /// The gradient of each modifier's parameters; nil for a modifier without parameters.
  private var parameters: [[Scalar]?]
  package private(set) var sinks: [Scalar]?

  private let problem: AttentionProblem

  /// The gradient of the additive tensor; nil without one.
  package var bias: [Scalar]? { problem.biasIndex.flatMap { parameters[$0] } }
  /// The gradient of the parameters of each of the caller's modifiers.
  package var modifiers: [[Scalar]?] { Array(parameters[problem.callerModifiers]) }

  package init(
    of outputGradient: Tensor, queries: Tensor, keys: Tensor, values: Tensor,
    options: AttentionOptions = AttentionOptions()
  ) throws {
    try self.init(
      AttentionProblem(queries: queries, keys: keys, values: values, options: options),
      outputGradient: outputGradient, given: nil)
  }

  init(_ problem: AttentionProblem, outputGradient: Tensor, given: GivenResult?) throws {
    self.problem = problem
    let count = problem.queries.count + problem.keys.count + problem.values.count
    // The arguments and their gradients, each once.
    try requireMemory(
      count: 2 * count + 2 * outputGradient.count, of: Scalar.self,
      purpose: "gradients in double precision")
    queries = try .zeros(count: problem.queries.count)
    keys = try .zeros(count: problem.keys.count)
    values = try .zeros(count: problem.values.count)
    parameters = try problem.modifiers.map { modifier in
      try modifier.parameters.map { try .zeros(count: $0.count) }
    }
    sinks = problem.sinks.map { Array(repeating: 0, count: $0.count) }

    let arguments = try Arguments(problem, outputGradient, given)
    for sequence in problem.sequences {
      for head in 0..<problem.headCount {
        for query in 0..<sequence.queries.count {
          try Cancellation.check()
          addRow(arguments, sequence, head: head, query: query)
        }
      }
    }
  }

  /// Q, K, V and dO; O, m and l of the given result.
  private struct Arguments {
    let queries: [Scalar]
    let keys: [Scalar]
    let values: [Scalar]
    let outputGradient: [Scalar]
    let given: (output: [Float], maxima: [Float], sums: [Float], isLogSumExp: Bool)?

    init(_ problem: AttentionProblem, _ outputGradient: Tensor, _ given: GivenResult?) throws {
      queries = try problem.queries.convertedScalars()
      keys = try problem.keys.convertedScalars()
      values = try problem.values.convertedScalars()
      self.outputGradient = try outputGradient.convertedScalars()
      self.given = try given.map {
        try (
          $0.output.convertedScalars(), $0.statistics.maximum.scalars, $0.statistics.sum.scalars,
          $0.isLogSumExp
        )
      }
    }
  }

  /// Adds the contribution of one query to every gradient.
  private mutating func addRow(
    _ arguments: Arguments, _ sequence: SequenceMask, head h: Int, query i: Int
  ) {
    let (H, G) = (problem.headCount, problem.keyValueHeadCount)
    let (D, E) = (problem.keyDimension, problem.valueDimension)
    let (g, row) = (problem.keyValueHead(of: h), sequence.queries.lowerBound + i)
    let kept = sequence.keptKeys(query: i).filter { sequence.keeps(query: i, key: $0, head: h) }
    let (q, o) = ((row * H + h) * D, (row * H + h) * E)
    func k(_ j: Int) -> Int { ((sequence.firstKeyRow + j) * G + g) * D }
    func v(_ j: Int) -> Int { ((sequence.firstKeyRow + j) * G + g) * E }

    // 1. The score of each key before and after each modifier.
    let stages = kept.map { j in
      var dot: Scalar = 0
      for d in 0..<D { dot += arguments.queries[q + d] * arguments.keys[k(j) + d] }
      let position = sequence.position(head: h, query: i, key: j)
      return problem.modifiers.reduce(into: [Scalar(problem.scale.value) * dot]) {
        stages, modifier in
        let last = Double(stages[stages.count - 1])
        stages.append(Scalar(modifier.value(of: last, at: position)))
      }
    }

    // 2. The softmax, with the sink in its denominator.
    let scores = stages.map { $0[$0.count - 1] }
    let sink = problem.sinks.map { Scalar($0[h]) } ?? -.infinity
    let largest = scores.reduce(sink) { Swift.max($0, $1) }
    let shift = largest == -.infinity ? 0 : largest
    let exponentials = scores.map { Scalar.exp($0 - shift) }
    let total = exponentials.reduce(.exp(sink - shift), +)
    guard total != 0 else { return }
    let weights = exponentials.map { $0 / total }

    // 3. dP, the row's share of the given softmax, and D.
    let factors = kept.map { j in
      Scalar(problem.dropoutFactor(sequence, head: h, query: i, key: j))
    }
    let weightGradients = zip(kept, factors).map { j, factor in
      var dot: Scalar = 0
      for e in 0..<E { dot += arguments.outputGradient[o + e] * arguments.values[v(j) + e] }
      return factor * dot
    }
    let ownProduct = zip(weights, weightGradients).reduce(Scalar(0)) { $0 + $1.0 * $1.1 }
    let terms =
      arguments.given.map { given in
        func norm(_ x: [Scalar], _ start: Int) -> Double {
          x[start..<start + D].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let keyNorm = zip(kept, weights).reduce(0) {
          $0 + Double($1.1) * norm(arguments.keys, k($1.0))
        }
        return RowTerms(
          maximum: Double(largest), sum: Double(total), product: Double(ownProduct),
          scoreSize: Double(abs(problem.scale.value)) * norm(arguments.queries, q) * keyNorm,
          given: RowTerms.Given(
            maximum: given.maxima[h * problem.queryCount + row],
            sum: given.sums[h * problem.queryCount + row],
            isLogSumExp: given.isLogSumExp,
            product: {
              (o..<o + E).reduce(0) {
                $0 + Double(arguments.outputGradient[$1]) * Double(given.output[$1])
              }
            }))
      } ?? RowTerms(wholeRow: Double(ownProduct))
    let (share, product) = (Scalar(terms.share), Scalar(terms.product))
    sinks?[h] -= .exp(sink - shift) / total * share * product

    // 4. Back through softmax, modifiers and the two products.
    for (index, j) in kept.enumerated() {
      let weight = share * weights[index]
      var slope = weight * (weightGradients[index] - product)
      let position = sequence.position(head: h, query: i, key: j)
      for (stage, modifier) in problem.modifiers.enumerated().reversed() {
        let input = Double(stages[index][stage])
        for (parameter, derivative) in modifier.parameterDerivatives(of: input, at: position) {
          parameters[stage]?[parameter] += slope * Scalar(derivative)
        }
        slope *= Scalar(modifier.derivative(of: input, at: position))
      }
      slope *= Scalar(problem.scale.value)
      for d in 0..<D {
        queries[q + d] += slope * arguments.keys[k(j) + d]
        keys[k(j) + d] += slope * arguments.queries[q + d]
      }
      for e in 0..<E {
        values[v(j) + e] += factors[index] * weight * arguments.outputGradient[o + e]
      }
    }
  }

  /// The gradients, each number rounded once to Float.
  func rounded() throws -> AttentionGradients {
    var gradients = AttentionGradients(
      queries: try Tensor(shape: problem.queries.shape, rounding: queries),
      keys: try Tensor(shape: problem.keys.shape, rounding: keys),
      values: try Tensor(shape: problem.values.shape, rounding: values))
    let parameterTensors = try zip(problem.modifiers, parameters).map { modifier, gradient in
      try gradient.map {
        try Tensor(shape: modifier.parameters?.shape ?? [$0.count], rounding: $0)
      }
    }
    gradients.bias = problem.biasIndex.flatMap { parameterTensors[$0] }
    gradients.modifiers = Array(parameterTensors[problem.callerModifiers])
    if let sinks { gradients.sinks = try Tensor(shape: [problem.headCount], rounding: sinks) }
    return gradients
  }
}
