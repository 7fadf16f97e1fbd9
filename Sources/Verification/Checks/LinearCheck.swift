import Attention

/// Linear layers with weights in every format, and with inputs as they are or rounded to the precision of
/// the weights. The exact result is a sum in Double of the rounded weights and inputs, which this check
/// rounds by the definition of each format.
package struct LinearCheck: VerificationCheck {
  package let name = "linear"
  package let summary = "x Wᵀ + b: every weight format, exact and rounded x"
  package let caseCount = 300

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let format = combination.pick(WeightFormat.allCases)
    let inputs = combination.pick(LayerInputs.allCases)
    let hasBias = combination.pick([true, false])
    let n = generator.size(1...150)
    let k = generator.pick([1, 1, 1, 64, 128]) * generator.size(1...generator.pick([7, 300]))
    // One row is a product of its own; a few rows and many rows have other blocks.
    let m = min(
      generator.pick([1, generator.size(2...9), generator.size(10...170)]),
      max(1, generator.work(3_000_000) / (n * k)))
    let x = try generator.normal([m, k])
    let weight = try generator.normal([n, k])
    let bias = hasBias ? try generator.normal([n]) : nil

    let rows = x.scalars.chunks(of: k).flatMap { Self.rounded($0, as: format, inputs) }
    let columns = weight.scalars.chunks(of: k).flatMap { Self.stored($0, as: format) }
    var (exact, magnitudes, naiveError) = ([Double](), [Double](), 0.0)
    for row in 0..<m {
      try Task.checkCancellation()
      for column in 0..<n {
        let start = Double(bias?.scalars[column] ?? 0)
        var (sum, size, naive) = (start, abs(start), Float(0))
        for index in 0..<k {
          let (left, right) = (rows[row * k + index], columns[column * k + index])
          sum += left * right
          size += abs(left * right)
          naive += Float(left) * Float(right)
        }
        exact.append(sum)
        magnitudes.append(size)
        naiveError = max(naiveError, abs(Double(naive + Float(start)) - sum))
      }
    }
    let results = (exact, magnitudes, naiveError)
    let input =
      "[\(m), \(k)] · [\(k), \(n)], \(format), \(inputs) inputs\(hasBias ? ", bias" : "")"
    return PreparedCase(input) { subject in
      let found = try withCompute(backend: subject.backend, threads: 2, layerInputs: inputs) {
        try Linear(weight: weight, bias: bias, format: format)(x).scalars
      }
      var meter = ErrorMeter()
      let (exact, magnitudes, naiveError) = results
      guard found.count == exact.count else {
        meter.add(error: .infinity, within: 0)
        return meter
      }
      for index in found.indices {
        // Scales and integers are multiplied in float32: two more roundings than a product has.
        meter.add(
          found[index], exact[index],
          within: productBound(
            k: k + 2, magnitudes: magnitudes[index], naiveError: naiveError))
      }
      return meter
    }
  }

  /// The weights of an output feature as a format stores them.
  private static func stored(_ weights: ArraySlice<Float>, as format: WeightFormat) -> [Double] {
    switch format {
    case .float32: weights.map(Double.init)
    case .bfloat16: weights.map(NarrowFormat.bfloat16.rounded)
    case .float16: weights.map(NarrowFormat.float16.rounded)
    case .int8: quantizedToInt8(Array(weights), blockLength: weights.count)
    case .int8Groups: quantizedToInt8(Array(weights), blockLength: 64)
    }
  }

  /// The inputs of a row as a layer with weights of a format uses them.
  private static func rounded(
    _ row: ArraySlice<Float>, as format: WeightFormat, _ inputs: LayerInputs
  ) -> [Double] {
    switch (inputs, format) {
    case (.exact, _), (_, .float32), (_, .float16): row.map(Double.init)
    case (.rounded, .bfloat16): row.map(NarrowFormat.bfloat16.rounded)
    case (.rounded, .int8), (.rounded, .int8Groups): quantizedToInt8(Array(row), blockLength: 64)
    }
  }
}

extension [Float] {
  /// Consecutive slices of `length` numbers.
  fileprivate func chunks(of length: Int) -> [ArraySlice<Float>] {
    stride(from: 0, to: count, by: Swift.max(1, length)).map {
      self[$0..<Swift.min($0 + length, count)]
    }
  }
}
