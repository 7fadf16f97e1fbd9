import Attention

/// The operator with all masks and options, against the reference in Double.
struct OperatorCheck: VerificationCheck {
  let name = "operator"
  let summary = "softmax(QKᵀ/√dk) V, masks, biases, sinks"
  let caseCount = 150

  /// For numbers from N(0, 1), up to 2,048 keys and head dimensions up to 128.
  private static let bound = 5e-6

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let x = try OperatorArguments(&generator, mostScores: 40_000)
    let threads = generator.pick([1, 2, 3])
    let exact = try ReferenceAttention(
      queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    let found = try withCompute(backend: subject.backend, threads: threads) {
      try attention(
        queries: x.queries, keys: x.keys, values: x.values, options: x.options,
        returning: .logSumExp)
    }
    var meter = ErrorMeter()
    meter.add(found.output.scalars, exact.output, within: Self.bound)
    meter.add(found.logSumExp?.scalars ?? [], exact.logSumExp, within: Self.bound)
    return Measurement(input: x.description, meter)
  }
}
