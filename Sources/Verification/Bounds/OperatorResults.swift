import Attention

/// The exact results of the operator, and bounds for the results of a backend: twice the largest error of
/// `NaiveAttention`, plus 4 roundings of the largest value: in a small case, `NaiveAttention` may have no
/// error, but an exponential, a quotient, a product and a sum are rounded.
struct OperatorResults: Sendable {
  /// Exact numbers with one bound.
  private struct Bounded: Sendable {
    let exact: [Double]
    let bound: Double

    init(_ exact: [Double], error: Double, scale: Double) {
      self.exact = exact
      bound = 2 * error + 4 * unitRoundoff * scale
    }
  }

  private let output: Bounded
  private let weights: Bounded
  private let logSumExp: Bounded
  private let meanWeights: [Double]

  init(_ x: OperatorArguments) throws {
    let exact = try ReferenceAttention(
      queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    let naive = try NaiveAttention(x, exact)
    output = Bounded(
      exact.output, error: largestError(naive.output, exact.output),
      scale: largestMagnitude(x.values.scalars.map(Double.init)))
    weights = Bounded(
      exact.weights, error: largestError(naive.weights, exact.weights), scale: 1)
    // A row without visible keys has −∞ in both.
    let finite = exact.logSumExp.map { $0.isFinite ? $0 : 0 }
    logSumExp = Bounded(
      exact.logSumExp,
      error: largestError(naive.logSumExp.map { $0.isFinite ? $0 : 0 }, finite),
      scale: max(1, largestMagnitude(finite)))
    meanWeights = try exact.meanWeights()
  }

  /// The bounds of the output and of the log-sum-exp.
  var bounds: (output: Double, logSumExp: Double) { (output.bound, logSumExp.bound) }

  /// Compares everything that the result contains.
  func compare(_ result: AttentionResult, _ meter: inout ErrorMeter) {
    meter.add(result.output.scalars, output.exact, within: output.bound)
    if let found = result.logSumExp?.scalars {
      meter.add(found, logSumExp.exact, within: logSumExp.bound)
    }
    if let found = result.weights?.scalars {
      meter.add(found, weights.exact, within: weights.bound)
    }
    if let found = result.meanWeights?.scalars {
      meter.add(found, meanWeights, within: weights.bound)
    }
  }
}
