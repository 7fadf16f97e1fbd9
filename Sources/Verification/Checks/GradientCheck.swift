import Attention

/// The gradients of the operator, against the reference in Double. The bound is twice the error of a naive
/// computation in float32, plus 10⁻⁶ of the largest gradient.
struct GradientCheck: VerificationCheck {
  let name = "gradients"
  let summary = "dQ, dK, dV"
  let caseCount = 60

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let x = try OperatorArguments(&generator, mostScores: 15_000)
    let outputGradient = try generator.normal([
      x.queries.shape[0], x.queries.shape[1], x.values.shape[2],
    ])
    let exact = try ReferenceGradients<Double>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    let naive = try ReferenceGradients<Float>(
      of: outputGradient, queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    let found = try withCompute(backend: subject.backend, threads: 2) {
      try attentionGradients(
        of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
        options: x.options)
    }
    var meter = ErrorMeter()
    for (found, exact, naive) in [
      (found.queries, exact.queries, naive.queries), (found.keys, exact.keys, naive.keys),
      (found.values, exact.values, naive.values),
    ] {
      let naiveError = zip(naive, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      let largest = exact.reduce(0) { max($0, abs($1)) }
      meter.add(found.scalars, exact, within: 2 * naiveError + 1e-6 * largest)
    }
    return Measurement(input: x.description, meter)
  }
}
