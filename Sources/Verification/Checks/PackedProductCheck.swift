import Attention

/// Products with matrices packed in panels, with all that a panel product can do: a factor, a bias, an
/// addend, an activation, sums into C, padded rows.
package struct PackedProductCheck: VerificationCheck {
  package let name = "panels"
  package let summary = "f(α A P + bias + addend), P packed in panels"
  package let caseCount = 200

  package init() {}

  /// What happens to α A P.
  private enum Ending: CaseIterable {
    case none, bias, addend, ownAddend, both, accumulates
  }

  package func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase {
    var combination = generator.combination
    let ending = combination.pick(Ending.allCases)
    let function =
      ending == .accumulates ? nil : combination.pick([nil] + Activation.all.map(Optional.some))
    let byColumns = combination.pick([true, false])
    let (m, n, k) = (generator.size(1...90), generator.size(1...130), generator.size(1...700))
    let alpha = generator.pick([1, -0.7, 0.125] as [Float])
    let padding = generator.pick([0, 3])
    let deviation = 1 / Float(k).squareRoot()
    let a = try generator.normal([m * (k + padding)]).scalars
    // The matrix [n, k] whose columns, or [k, n] whose rows, are packed.
    let matrix = try generator.normal([n * k], deviation: deviation).scalars
    let (bias, addend) = (try generator.scalars(n), try generator.scalars(m * n))

    var exact = [(value: Double, sum: Double, magnitude: Double)]()
    var naiveError = 0.0
    for row in 0..<m {
      try Task.checkCancellation()
      for column in 0..<n {
        var (sum, size, naive) = (0.0, 0.0, Float(0))
        for index in 0..<k {
          let left = a[row * (k + padding) + index]
          let right = byColumns ? matrix[column * k + index] : matrix[index * n + column]
          sum += Double(left) * Double(right)
          size += abs(Double(left) * Double(right))
          naive += left * right
        }
        sum *= Double(alpha)
        size *= Double(abs(alpha))
        naiveError = max(naiveError, abs(Double(alpha * naive) - sum))
        for (isAdded, number) in [
          (ending == .bias || ending == .both, bias[column]),
          (ending != .none && ending != .bias, addend[row * n + column]),
        ] where isAdded {
          sum += Double(number)
          size += Double(abs(number))
        }
        let value = function.map { ReferenceKernels.value(of: $0, at: sum) } ?? sum
        exact.append((value, sum, size))
      }
    }
    let results = (exact, naiveError)
    let input = """
      [\(m), \(k)] · [\(k), \(n)] in panels, α \(alpha), \(ending), \
      \(function.map { "\($0)" } ?? "no activation")
      """
    return PreparedCase(input) { subject in
      let width = PanelProduct.width
      var panels = [Float](repeating: .nan, count: PanelProduct.scalarCount(k: k, n: n))
      // The addend is C itself if the product adds to C.
      var c = addend
      panels.withUnsafeMutableBufferPointer { panels in
        matrix.withUnsafeBufferPointer { matrix in
          guard let panels = panels.baseAddress, let matrix = matrix.baseAddress else { return }
          for first in stride(from: 0, to: n, by: width) {
            let (count, target) = (min(width, n - first), panels + first * k)
            if byColumns {
              subject.kernels.packColumns(
                matrix + first * k, stride: k, n: count, k: k, width: width, into: target)
            } else {
              subject.kernels.packRows(
                matrix + first, stride: n, n: count, k: k, width: width, into: target)
            }
          }
          a.withUnsafeBufferPointer { a in
            bias.withUnsafeBufferPointer { bias in
              addend.withUnsafeBufferPointer { addend in
                c.withUnsafeMutableBufferPointer { c in
                  guard let a = a.baseAddress, let c = c.baseAddress else { return }
                  var product = PanelProduct(
                    m: m, n: n, k: k, a: a, aStride: k + padding, panels: panels,
                    panelStride: width * k, c: c, cStride: n)
                  product.alpha = alpha
                  product.accumulates = ending == .accumulates
                  if ending == .bias || ending == .both { product.bias = bias.baseAddress }
                  if ending == .addend || ending == .both { product.addend = addend.baseAddress }
                  if ending == .ownAddend { product.addend = UnsafePointer(c) }
                  product.addend_stride = n
                  product.function = function
                  subject.kernels.multiply(product)
                }
              }
            }
          }
        }
      }
      var meter = ErrorMeter()
      for (found, (value, sum, magnitude)) in zip(c, results.0) {
        let bound = productBound(k: k, magnitudes: magnitude, naiveError: results.1)
        // No activation has a slope above 1.13; its own error is that of the kernel check.
        meter.add(
          found, value,
          within: function == nil
            ? bound : 1.13 * bound + activationBound(of: function, at: sum, value: value))
      }
      return meter
    }
  }
}
