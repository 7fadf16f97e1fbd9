import RealModule

/// Every kernel as its formula, in Double: what the fast ones are held against.
package struct ReferenceKernels: Kernels {
  package init() {}

  package func multiply(_ product: MatrixProduct) {
    let (a, b) = (product.a, product.b)
    for i in 0..<product.m {
      for j in 0..<product.n {
        var sum = 0.0
        if product.alpha != 0 {
          for l in 0..<product.k {
            let left = a.base[
              a.isTransposed ? l * a.leadingDimension + i : i * a.leadingDimension + l]
            let right = b.base[
              b.isTransposed ? j * b.leadingDimension + l : l * b.leadingDimension + j]
            sum += Double(left) * Double(right)
          }
        }
        let target = product.c + i * product.cLeadingDimension + j
        // α = 0 and β = 0 do not look at what they multiply.
        let scaled = product.alpha == 0 ? 0 : Double(product.alpha) * sum
        let kept = product.beta == 0 ? 0 : Double(product.beta) * Double(target.pointee)
        target.pointee = Float(scaled + kept)
      }
    }
  }

  package func maximum(_ row: UnsafeBufferPointer<Float>) -> Float {
    row.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
  }

  package func exponentials(
    _ row: UnsafeMutableBufferPointer<Float>, minus shift: Float
  ) -> Float {
    var sum = 0.0
    for index in row.indices {
      let value = Double.exp(Double(row[index]) - Double(shift))
      row[index] = Float(value)
      sum += value
    }
    return Float(sum)
  }

  package func activate(_ row: UnsafeMutableBufferPointer<Float>, _ activation: Activation) {
    for index in row.indices {
      row[index] = Float(Self.value(of: activation, at: Double(row[index])))
    }
  }

  /// The activation's formula.
  package static func value(of activation: Activation, at x: Double) -> Double {
    switch activation {
    case .gelu: x / 2 * .erfc(-x / 2.0.squareRoot())
    case .geluTanh:
      x / 2 * (1 + .tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .relu: x < 0 ? 0 : x
    }
  }

  package func normalize(
    _ row: UnsafeMutableBufferPointer<Float>, gain: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    let x = row.map { Double($0) }
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let deviation = (variance + Double(epsilon)).squareRoot()
    for index in row.indices {
      row[index] = Float(
        (x[index] - mean) / deviation * Double(gain[index]) + Double(bias[index]))
    }
  }
}
