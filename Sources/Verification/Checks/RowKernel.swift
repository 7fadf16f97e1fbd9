import Attention
import Foundation

/// A kernel that computes on rows, its formula and its bound.
struct RowKernel: Sendable {
  /// The inputs of a kernel. Most kernels use only x.
  struct Row: Sendable {
    let x: [Float]
    let weight: [Float]
    let bias: [Float]
  }

  typealias Exact = (value: Double, bound: Double)

  let name: String
  /// The results of a backend.
  let run: @Sendable (_ kernels: any Kernels, _ row: Row) -> [Float]
  /// The exact results, each with its bound.
  let exact: @Sendable (_ row: Row) -> [Exact]

  static let all: [RowKernel] =
    [softmax, onlineSoftmax, exponentials] + Activation.all.map(activation)
    + [layerNorm, rmsNorm, softcap, softcapDerivative, distances, hide, scoreKeys, weightedValues]
    + [arithmetic, toBFloat16, toFloat16, fromNarrow]
}

/// The smallest number above 0: where a result is subnormal, one rounding is up to half of it.
let smallest = 0x1p-149
private let u = unitRoundoff

/// The bound of an activation kernel: 11 ulp. The exponent 2 y of GELU's approximation by tanh is rounded
/// several times. Below −87, SiLU multiplies the rounding error of a subnormal number by x.
func activationBound(of activation: Activation?, at x: Double, value: Double) -> Double {
  guard let activation, activation != .relu else { return 0 }
  let y = 0.8 * (abs(x) + 0.044715 * pow(abs(x), 3))
  let roundings = 22 + (activation == .geluTanh ? 8 * min(y, 60) : 0)
  return roundings * u * abs(value) + smallest * (1 + min(abs(x), 200))
}

extension [Float] {
  /// A copy that `body` has changed in place.
  func changed(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
    var copy = self
    copy.withUnsafeMutableBufferPointer { body($0) }
    return copy
  }

  /// Calls `body` with the address of the first number.
  func withBase<Result>(_ body: (UnsafePointer<Float>) -> Result?) -> Result? {
    withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
  }
}

extension RowKernel {
  /// The ends of an activation function.
  private static let extremes: [Float] = [
    -.infinity, -.greatestFiniteMagnitude, -1e4, -150, -0.0, 150, 1e4, .greatestFiniteMagnitude,
    .infinity,
  ]

  private static func activation(_ activation: Activation) -> RowKernel {
    RowKernel(
      name: "\(activation)",
      run: { kernels, row in
        (row.x + extremes).changed { kernels.activate($0, activation) }
      },
      exact: { row in
        (row.x + extremes).map { x in
          let value = ReferenceKernels.value(of: activation, at: Double(x))
          return (value, activationBound(of: activation, at: Double(x), value: value))
        }
      })
  }

  private static let cap: Float = 5

  static let softcap = RowKernel(
    name: "softcap", run: { kernels, row in row.x.changed { kernels.softcap($0, at: cap) } },
    exact: { row in
      row.x.map { x in
        let value = Double(cap) * tanh(Double(x) / Double(cap))
        return (value, 10 * u * abs(value) + smallest)
      }
    })

  /// 1 − tanh² cancels where tanh is near 1, so the bound is relative to 1.
  static let softcapDerivative = RowKernel(
    name: "derivative of softcap",
    run: { kernels, row in
      row.weight.changed { target in
        _ = row.x.withBase { kernels.multiplySoftcapDerivative(into: target, scores: $0, cap: cap) }
      }
    },
    exact: { row in
      zip(row.x, row.weight).map { x, weight in
        let share = cosh(Double(x) / Double(cap))
        return (Double(weight) / (share * share), 16 * u * abs(Double(weight)))
      }
    })

  /// x − slope · |start + i|.
  static let distances = RowKernel(
    name: "distances",
    run: { kernels, row in
      row.x.changed { kernels.subtractDistances($0, from: -(row.x.count / 3), slope: 0.3) }
    },
    exact: { row in
      row.x.enumerated().map { index, x in
        let distance = Double(Float(0.3)) * Double(abs(index - row.x.count / 3))
        return (Double(x) - distance, u * (2 * distance + abs(Double(x))))
      }
    })

  /// −∞ where the weight is negative.
  static let hide = RowKernel(
    name: "hide",
    run: { kernels, row in
      let keep = row.weight.map { $0 >= 0 }
      return row.x.changed { x in
        keep.withUnsafeBufferPointer { keep in
          guard let keep = keep.baseAddress else { return }
          kernels.hide(x, keeping: keep, with: -.infinity)
        }
      }
    },
    exact: { row in
      zip(row.x, row.weight).map { ($1 >= 0 ? Double($0) : -.infinity, 0) }
    })

  /// Single operations, which have one correct result: x + w, x · w, x · 0.3, x / 3, max x.
  static let arithmetic = RowKernel(
    name: "arithmetic",
    run: { kernels, row in
      let results =
        row.x.changed { x in _ = row.weight.withBase { kernels.add(x, $0) } }
        + row.x.changed { x in _ = row.weight.withBase { kernels.multiply(x, by: $0) } }
        + row.x.changed { kernels.scale($0, by: 0.3) }
        + row.x.changed { kernels.divide($0, by: 3) }
      return results + [row.x.withUnsafeBufferPointer { kernels.maximum($0) }]
        + [row.x.withUnsafeBufferPointer { kernels.isFinite($0) } ? 1 : 0]
    },
    exact: { row in
      let pairs = zip(row.x, row.weight)
      var results: [Float] = pairs.map { $0 + $1 }
      results += pairs.map { $0 * $1 }
      results += row.x.map { $0 * 0.3 }
      results += row.x.map { $0 / 3 }
      results += [row.x.max() ?? -.infinity, 1]
      return results.map { (Double($0), 0) }
    })
}
