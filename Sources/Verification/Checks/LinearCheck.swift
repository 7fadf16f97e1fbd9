import Attention

/// Products with packed weights in every format, against the reference on the same stored weights.
struct LinearCheck: VerificationCheck {
  let name = "linear"
  let summary = "x Wᵀ + b, W in every weight format"
  let caseCount = 300

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let (m, n, k) = (generator.size(1...160), generator.size(1...150), generator.size(1...900))
    let format = generator.pick(WeightFormat.allCases)
    let (x, weight) = (try generator.normal([m, k]), try generator.normal([n, k]))
    let bias = generator.oneIn(2) ? nil : try generator.normal([n])
    func output(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, on backend: Backend) throws
      -> [Float]
    {
      try withCompute(backend: backend, threads: 2) {
        try Linear(weight: weight, bias: bias, format: format)(x).scalars
      }
    }
    let found = try output(x, weight, bias, on: subject.backend)
    let exact = try output(x, weight, bias, on: .reference)
    // The sums of the magnitudes: a format stores −w as it stores w.
    let sizes = try output(
      x.magnitudes(), weight.magnitudes(), bias?.magnitudes(), on: .reference)
    var meter = ErrorMeter()
    for index in found.indices {
      meter.add(
        found[index], Double(exact[index]), within: gamma(k + 4) * 1.01 * Double(sizes[index]))
    }
    return Measurement(
      input: "[\(m), \(k)] · [\(k), \(n)], \(format)\(bias == nil ? "" : ", bias")", meter)
  }
}

extension Tensor {
  fileprivate func magnitudes() throws -> Tensor {
    try Tensor(shape: shape, scalars: scalars.map(abs))
  }
}
