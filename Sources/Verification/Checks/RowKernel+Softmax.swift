import Attention
import Foundation

private let u = unitRoundoff

// MARK: Softmax and exponentials

extension RowKernel {
  /// The weights of a row of scores, each e^(x − max) / Σ. The exponent, the exponential, the sum and the
  /// quotient are rounded.
  private static func softmaxOf(_ x: [Float]) -> [Exact] {
    let largest = Double(x.max() ?? 0)
    let terms = x.map { exp(Double($0) - largest) }
    let sum = terms.reduce(0, +)
    return zip(x, terms).map { x, term in
      let range = largest - Double(x)
      // The sum of n positive numbers in several lanes: at most 2 √n roundings accumulate.
      let roundings = 8 + 2 * range + 2 * Double(terms.count).squareRoot()
      return (term / sum, roundings * u * term / sum + smallest)
    }
  }

  static let softmax = RowKernel(
    name: "softmax", run: { kernels, row in row.x.changed(kernels.softmax) },
    exact: { softmaxOf($0.x) })

  /// The same weights in two tiles, with an output that follows the changes of the maximum: the second
  /// half of the weights, the sum, and a value of 1 as the first tile has left it.
  static let onlineSoftmax = RowKernel(
    name: "online softmax",
    run: { kernels, row in
      var (maximum, sum, output, x) = (-Float.infinity, Float(0), Float(1), row.x)
      let half = x.count / 2
      x.withUnsafeMutableBufferPointer { scores in
        guard let base = scores.baseAddress else { return }
        for tile in [0..<half, half..<scores.count] {
          kernels.applySoftmax(
            SoftmaxTile(
              rows: 1, columns: tile.count, scores: base + tile.lowerBound, scoreStride: tile.count,
              maximum: &maximum, sum: &sum, output: &output,
              outputColumns: tile.lowerBound > 0 ? 1 : 0,
              outputStride: 1))
        }
      }
      return x[half...] + [sum, output]
    },
    exact: { row in
      let half = row.x.count / 2
      let largest = Double(row.x.max() ?? 0)
      let first = row.x[..<half].max().map(Double.init)
      let terms = row.x.map { exp(Double($0) - largest) }
      let sum = terms.reduce(0, +)
      let correction = first.map { exp($0 - largest) } ?? 1
      let weights: [Exact] = zip(row.x[half...], terms[half...]).map { x, term in
        (term, (6 + largest - Double(x)) * u * term + smallest)
      }
      let range = largest - (first ?? largest)
      return weights + [
        (sum, (8 + 2 * Double(terms.count).squareRoot() + 40) * u * sum),
        (first == nil && half > 0 ? 0 : correction, (6 + range) * u * correction + smallest),
      ]
    })

  /// A shift for exponentials near 0, or for exponentials near the largest float.
  private static func shift(_ row: Row) -> Float { row.weight[0] < 0 ? 0.7 : -80.3 }

  /// e^(−|x| − shift), and the sum.
  static let exponentials = RowKernel(
    name: "exponentials",
    run: { kernels, row in
      var sum: Float = 0
      return row.x.map { -abs($0) }
        .changed { sum = kernels.exponentials($0, minus: shift(row)) } + [sum]
    },
    exact: { row in
      let terms: [Exact] = row.x.map { x in
        let shift = Double(shift(row))
        let term = exp(-Double(abs(x)) - shift)
        return (term, term * (Double(abs(x)) + abs(shift) + 4.1) * u + smallest)
      }
      let sum = terms.reduce(0) { $0 + $1.value }
      let bound = terms.reduce(0) { $0 + $1.bound }
      return terms + [(sum, bound + 2 * Double(terms.count).squareRoot() * u * sum)]
    })
}
