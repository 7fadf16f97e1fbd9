import Attention
import Foundation

/// Softmax, exponentials and activations of a row, against the same functions in Double.
struct FunctionCheck: VerificationCheck {
  let name = "functions"
  let summary = "softmax, exponentials, GELU, SiLU, ReLU"
  let caseCount = 200

  private enum Function: String, CaseIterable {
    case softmax, exponentials, gelu, geluTanh, silu, relu

    var activation: Activation? {
      switch self {
      case .gelu: .gelu
      case .geluTanh: .geluTanh
      case .silu: .silu
      case .relu: .relu
      case .softmax, .exponentials: nil
      }
    }
  }

  func measure(
    _ subject: VerificationSubject, _ generator: inout CaseGenerator
  ) throws -> Measurement {
    let function = generator.pick(Function.allCases)
    let (count, spread) = (generator.size(1...700), generator.pick([1, 4, 30] as [Float]))
    // Exponentials overflow for large numbers.
    let x = try generator.scalars(count).map {
      function == .exponentials ? -abs($0 * spread) : $0 * spread
    }
    let shift: Float = 0.7
    var found = x
    found.withUnsafeMutableBufferPointer { row in
      switch function {
      case .softmax: subject.kernels.softmax(row)
      case .exponentials: _ = subject.kernels.exponentials(row, minus: shift)
      case .gelu, .geluTanh, .silu, .relu:
        if let activation = function.activation { subject.kernels.activate(row, activation) }
      }
    }
    var meter = ErrorMeter()
    let smallest = 0x1p-149
    switch function {
    case .softmax:
      let largest = Double(x.max() ?? 0)
      let terms = x.map { exp(Double($0) - largest) }
      let sum = terms.reduce(0, +)
      let range = largest - Double(x.min() ?? 0)
      let error = (Double(count + 8) + 2 * range) * unitRoundoff
      for (found, term) in zip(found, terms) {
        meter.add(found, term / sum, within: error * term / sum + smallest)
      }
    case .exponentials:
      for (found, x) in zip(found, x) {
        let exact = exp(Double(x) - Double(shift))
        let error = (abs(Double(x) - Double(shift)) + 4.1) * unitRoundoff
        meter.add(found, exact, within: exact * error + smallest)
      }
    case .gelu, .geluTanh, .silu, .relu:
      guard let activation = function.activation else { break }
      for (found, x) in zip(found, x) {
        let exact = ReferenceKernels.value(of: activation, at: Double(x))
        // 11 ulp. The exponent 2 y of GELU's approximation by tanh is rounded several times. Below −87,
        // SiLU multiplies the rounding error of a denormal number by x.
        let y = 0.8 * (abs(Double(x)) + 0.044715 * pow(abs(Double(x)), 3))
        let roundings = 22 + (function == .geluTanh ? 8 * min(y, 60) : 0)
        let bound = roundings * unitRoundoff * abs(exact) + smallest * (1 + Double(abs(x)))
        meter.add(found, exact, within: function == .relu ? 0 : bound)
      }
    }
    return Measurement(input: "\(function) of \(count) numbers from N(0, \(spread)²)", meter)
  }
}
