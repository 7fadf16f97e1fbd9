import Attention

/// The operator with every combination of masks, changes to the scores, grouped queries, packed sequences
/// and sinks.
package struct OperatorCheck: VerificationCheck {
  package let name = "operator"
  package let summary = "softmax(QKᵀ/√dk) V: all masks × biases × GQA × packed × sinks"
  package let caseCount = OperatorArguments.combinationCount

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    let x = try OperatorArguments(&generator, mostScores: 12_000)
    let threads = generator.pick([1, 2, 3])
    let results: AttentionResults = generator.pick([
      [], .logSumExp, [.logSumExp, .weights], [.weights, .meanWeights],
    ])
    let exact = try OperatorResults(x)
    return PreparedCase(x.description) { subject in
      let found = try withCompute(backend: subject.backend, threads: threads) {
        try attention(
          queries: x.queries, keys: x.keys, values: x.values, options: x.options,
          returning: results)
      }
      var meter = ErrorMeter()
      exact.compare(found, &meter)
      return meter
    }
  }
}
