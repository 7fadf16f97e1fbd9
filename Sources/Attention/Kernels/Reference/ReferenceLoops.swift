import RealModule

/// Every loop as its formula, in Double: what the fast ones are held against.
package struct ReferenceLoops: VectorLoops {
  package init() {}

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
    case .silu: x == -.infinity ? 0 : x / (1 + .exp(-x))
    case .relu: x < 0 ? 0 : x
    }
  }

  package func layerNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    let x = row.map { Double($0) }
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let deviation = (variance + Double(epsilon)).squareRoot()
    for index in row.indices {
      row[index] = Float(
        (x[index] - mean) / deviation * Double(weight[index]) + Double(bias[index]))
    }
  }

  package func rmsNorm(
    _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>, epsilon: Float
  ) {
    let squares = row.reduce(0) { $0 + Double($1) * Double($1) } / Double(row.count)
    let scale = 1 / (squares + Double(epsilon)).squareRoot()
    for index in row.indices {
      row[index] = Float(Double(row[index]) * scale * Double(weight[index]))
    }
  }

  /// Each scalar of C is summed up in Double and rounded once.
  package func multiply(_ product: PanelProduct) {
    for i in 0..<product.m {
      for j in 0..<product.n {
        let target = product.c + i * product.cStride + j
        let panel = product.panel(j / PanelProduct.width)
        var sum = 0.0
        for l in 0..<product.k {
          let (element, scale) = panel[l, j % PanelProduct.width]
          sum += Double(product.a[i * product.aStride + l]) * Double(element) * Double(scale)
        }
        sum *= Double(product.alpha)
        if product.accumulates {
          target.pointee = Float(sum + Double(target.pointee))
          continue
        }
        if let bias = product.bias { sum += Double(bias[j]) }
        if let addend = product.addend { sum += Double(addend[i * product.addendStride + j]) }
        target.pointee = Float(product.activation.map { Self.value(of: $0, at: sum) } ?? sum)
      }
    }
  }
}
