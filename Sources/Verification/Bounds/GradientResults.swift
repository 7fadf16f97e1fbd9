import Attention

/// The exact gradients of the operator, and their bounds: twice the largest error of a naive computation in
/// float32, plus 16 roundings of the largest gradient, or 8 of its largest sum of magnitudes.
struct GradientResults: Sendable {
  /// dQ, dK, dV, then the gradients of bias, sinks and the parameters of modifiers, which may be empty.
  let exact: [[Double]]
  let bounds: [Double]

  init(_ x: OperatorArguments, outputGradient: Tensor) throws {
    let result = try ReferenceAttention(
      queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    let magnitudes = GradientMagnitudes(x, outputGradient: outputGradient, result)
    try Task.checkCancellation()
    let exact = try Self.list(
      ReferenceGradients<Double>(
        of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
        options: x.options))
    try Task.checkCancellation()
    let naive = try Self.list(
      ReferenceGradients<Float>(
        of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
        options: x.options))
    self.exact = exact
    bounds = zip(exact, naive).enumerated().map { index, pair in
      2 * largestError(pair.1, pair.0)
        + unitRoundoff * max(16 * largestMagnitude(pair.0), 8 * magnitudes[index])
    }
  }

  /// The gradients in the order of `exact`.
  static func tensors(_ gradients: AttentionGradients) -> [Tensor?] {
    [gradients.queries, gradients.keys, gradients.values, gradients.bias, gradients.sinks]
      + gradients.modifiers
  }

  private static func list<Scalar>(_ gradients: ReferenceGradients<Scalar>) -> [[Scalar]] {
    [
      gradients.queries, gradients.keys, gradients.values, gradients.bias ?? [],
      gradients.sinks ?? [],
    ] + gradients.modifiers.map { $0 ?? [] }
  }
}
