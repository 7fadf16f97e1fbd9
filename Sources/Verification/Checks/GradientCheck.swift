import Attention

/// The gradients of the operator, with every mask, change to the scores, packed sequences and sinks.
package struct GradientCheck: VerificationCheck {
  package let name = "gradients"
  package let summary = "dQ, dK, dV, and of biases and sinks"
  package let caseCount = OperatorArguments.combinationCount / 2

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    let x = try OperatorArguments(&generator, mostScores: 4_000)
    let outputGradient = try generator.normal([
      x.queries.shape[0], x.queries.shape[1], x.values.shape[2],
    ])
    let threads = generator.pick([1, 2, 3])
    let results = try GradientResults(x, outputGradient: outputGradient)
    return PreparedCase(x.description) { subject in
      let found = try withCompute(backend: subject.backend, threads: threads) {
        try attentionGradients(
          of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
          options: x.options)
      }
      var meter = ErrorMeter()
      for (index, tensor) in GradientResults.tensors(found).enumerated() {
        meter.add(
          tensor?.scalars ?? [], results.exact[index], within: results.bounds[index])
      }
      return meter
    }
  }
}
