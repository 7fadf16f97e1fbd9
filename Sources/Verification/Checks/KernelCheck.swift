import Attention
import Foundation

/// The kernels that compute on rows, each against its formula in Double.
package struct KernelCheck: VerificationCheck {
  package let name = "kernels"
  package let summary = "softmax, exp, activations, norms, formats, score kernels"
  package let caseCount = 420

  package init() {}

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let kernel = combination.pick(RowKernel.all)
    let spread = combination.pick([1, 4, 30] as [Float])
    let count = generator.size(1...700)
    let x = try generator.scalars(count).map { $0 * spread }
    let (weight, bias) = (try generator.scalars(count), try generator.scalars(count))
    let row = RowKernel.Row(x: x, weight: weight, bias: bias)
    let exact = kernel.exact(row)
    return PreparedCase("\(kernel.name) of \(count) numbers from N(0, \(spread)²)") { subject in
      let found = kernel.run(subject.kernels, row)
      var meter = ErrorMeter()
      guard found.count == exact.count else {
        meter.add(error: .infinity, within: 0)
        return meter
      }
      for (found, exact) in zip(found, exact) { meter.add(found, exact.value, within: exact.bound) }
      return meter
    }
  }
}
