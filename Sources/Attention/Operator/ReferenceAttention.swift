import RealModule

/// The operator as its formula, in Double, one query at a time: slow, and meant to be read.
package struct ReferenceAttention {
  /// `[query token, head, dv]`.
  package private(set) var output: [Double]
  /// `[head, query token, key token]`.
  package private(set) var weights: [Double]
  /// `[head, query token]`.
  package private(set) var logSumExp: [Double]

  private let outputShape: Shape
  private let weightsShape: Shape

  init(_ problem: AttentionProblem) throws {
    let (H, D, E) = (problem.headCount, problem.keyDimension, problem.valueDimension)
    let (Q, K, G) = (problem.queryCount, problem.keyCount, problem.keyValueHeadCount)
    let (queries, keys, values) = (
      problem.queries.scalars, problem.keys.scalars, problem.values.scalars
    )
    outputShape = [Q, H, E]
    weightsShape = [H, Q, K]
    output = Array(repeating: 0, count: try outputShape.elementCount())
    weights = Array(repeating: 0, count: try weightsShape.elementCount())
    logSumExp = Array(repeating: -.infinity, count: H * Q)

    for sequence in problem.sequences {
      for h in 0..<H {
        let g = problem.keyValueHead(of: h)
        for i in 0..<sequence.queries.count {
          let row = sequence.queries.lowerBound + i
          // The keys that this query keeps, as packed tokens.
          let kept = sequence.keptKeys(query: i)
            .filter { sequence.keeps(query: i, key: $0, head: h) }
            .map { $0 + sequence.keys.lowerBound }

          // 1. Scores: scale · q·k.
          let scores = kept.map { column in
            var dot = 0.0
            for d in 0..<D {
              dot += Double(queries[(row * H + h) * D + d]) * Double(keys[(column * G + g) * D + d])
            }
            return Double(problem.scale) * dot
          }

          // 2. Softmax over the kept keys; none leave the row at zero.
          let largest = scores.reduce(-.infinity) { max($0, $1) }
          let exponentials = scores.map { Double.exp($0 - (largest == -.infinity ? 0 : largest)) }
          let total = exponentials.reduce(0, +)
          guard total != 0 else { continue }
          logSumExp[h * Q + row] = largest + .log(total)

          // 3. The weighted sum of the values.
          for (column, exponential) in zip(kept, exponentials) {
            let weight = exponential / total
            weights[(h * Q + row) * K + column] = weight
            for e in 0..<E {
              output[(row * H + h) * E + e] += weight * Double(values[(column * G + g) * E + e])
            }
          }
        }
      }
    }
  }

  /// The operator on whole arguments, with every intermediate kept.
  package init(
    queries: Tensor, keys: Tensor, values: Tensor, options: AttentionOptions = AttentionOptions()
  ) throws {
    try self.init(
      AttentionProblem(queries: queries, keys: keys, values: values, options: options))
  }

  /// The results, each number rounded once to Float.
  func rounded(returning results: AttentionResults) throws -> AttentionResult {
    AttentionResult(
      output: try Tensor(shape: outputShape, scalars: output.map { Float($0) }),
      weights: results.contains(.weights)
        ? try Tensor(shape: weightsShape, scalars: weights.map { Float($0) }) : nil,
      logSumExp: results.contains(.logSumExp)
        ? try Tensor(
          shape: Shape(weightsShape.dimensions.dropLast()), scalars: logSumExp.map { Float($0) })
        : nil)
  }
}
