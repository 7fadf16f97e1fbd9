import Attention
import Foundation

private let u = unitRoundoff

// MARK: Norms

extension RowKernel {
  static let layerNorm = RowKernel(
    name: "layer norm",
    run: { kernels, row in
      row.x.changed { x in
        _ = row.weight.withBase { weight in
          row.bias.withBase { kernels.layerNorm(x, weight: weight, bias: $0, epsilon: 1e-5) }
        }
      }
    },
    exact: { row in
      let (x, n) = (row.x.map(Double.init), Double(row.x.count))
      let mean = x.reduce(0, +) / n
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
      let deviation = (variance + Double(Float(1e-5))).squareRoot()
      // Errors of the mean and of x − mean are relative to the numbers, not to their distance.
      let size = x.reduce(0) { $0 + abs($1) } / n
      return zip(x, zip(row.weight, row.bias)).map { x, parameters in
        let (weight, bias) = (Double(parameters.0), Double(parameters.1))
        let scaled = (x - mean) / deviation * weight
        let roundings = 8 + n.squareRoot()
        let relative = roundings * u * (abs(scaled) + size / deviation * abs(weight))
        return (scaled + bias, relative + 2 * u * abs(bias))
      }
    })

  static let rmsNorm = RowKernel(
    name: "RMS norm",
    run: { kernels, row in
      row.x.changed { x in
        _ = row.weight.withBase { kernels.rmsNorm(x, weight: $0, epsilon: 1e-6) }
      }
    },
    exact: { row in
      let n = Double(row.x.count)
      let squares = row.x.reduce(0) { $0 + Double($1) * Double($1) } / n
      let scale = 1 / (squares + Double(Float(1e-6))).squareRoot()
      return zip(row.x, row.weight).map { x, weight in
        let value = Double(x) * scale * Double(weight)
        return (value, (6 + n.squareRoot() / 2) * u * abs(value) + smallest)
      }
    })
}
