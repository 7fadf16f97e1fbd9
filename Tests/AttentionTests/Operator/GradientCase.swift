import Attention
import TestSupport
import Testing

/// The arguments of the gradients, and the error bound for every backend.
struct GradientCase {
  var x: OperatorCase.Arguments
  var options = AttentionOptions()
  var outputGradient: Tensor

  init(
    _ x: OperatorCase.Arguments, options: AttentionOptions = AttentionOptions(),
    outputGradient: Tensor
  ) {
    self.x = x
    self.options = options
    self.outputGradient = outputGradient
  }

  /// Arguments from N(0, 1), the queries times a factor.
  init(
    _ shape: OperatorCase, options: AttentionOptions = AttentionOptions(), queryFactor: Float = 1
  ) throws {
    x = try shape.arguments()
    try x.queries.scale(by: queryFactor)
    self.options = options
    outputGradient = try ModifierTests.noise(
      [shape.queryCount, shape.headCount, shape.valueDimension], seed: 12)
  }

  func gradients(
    on backend: Backend, result: AttentionResult? = nil
  ) throws -> AttentionGradients {
    try attentionGradients(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options,
      result: result, on: backend)
  }

  /// The operator's output and log-sum-exp.
  func result(on backend: Backend) throws -> AttentionResult {
    try attention(
      queries: x.queries, keys: x.keys, values: x.values, options: options,
      returning: .logSumExp, on: backend)
  }

  /// The case with some of the keys only, and with their columns of the bias.
  func keeping(keys: Range<Int>) throws -> GradientCase {
    var part = self
    part.x.keys = try x.keys.rows(keys)
    part.x.values = try x.values.rows(keys)
    part.options.bias = try options.bias.map { bias in
      let (rows, width) = (bias.shape[0], bias.shape[1])
      let scalars = bias.scalars
      return try Tensor(
        shape: [rows, keys.count],
        scalars: (0..<rows).flatMap { row in keys.map { scalars[row * width + $0] } })
    }
    return part
  }

  /// Checks that the error of every gradient is at most twice the naive error in single precision,
  /// plus 1e-6 of the largest number.
  func expectNaiveError(
    of found: AttentionGradients, _ name: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let exact = try ReferenceGradients<Double>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options)
    let naive = try ReferenceGradients<Float>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: options)
    func check(_ part: String, _ found: Tensor?, _ naive: [Float]?, _ exact: [Double]?) throws {
      guard let exact else {
        return #expect(found == nil, "\(part), \(name)", sourceLocation: location)
      }
      let largest = exact.reduce(0) { max($0, abs($1)) }
      let error = largestDistance(try #require(found).scalars, exact)
      let natural = largestDistance(try #require(naive), exact)
      #expect(
        error <= 2 * natural + 1e-6 * largest,
        "\(part), \(name): error \(error), naive \(natural), largest \(largest)",
        sourceLocation: location)
    }
    try check("queries", found.queries, naive.queries, exact.queries)
    try check("keys", found.keys, naive.keys, exact.keys)
    try check("values", found.values, naive.values, exact.values)
    try check("bias", found.bias, naive.bias, exact.bias)
    for (index, exact) in exact.modifiers.enumerated() {
      try check("modifier \(index)", found.modifiers[index], naive.modifiers[index], exact)
    }
    try check("sinks", found.sinks, naive.sinks, exact.sinks)
  }
}
