import RealModule

/// Every operation as its formula, computed in Double and rounded once. Tests compare the fast
/// kernels with these.
package struct ReferenceKernels: Kernels {
  package init() {}

  // MARK: Matrix products

  package func multiply(_ product: MatrixProduct) throws {
    let (a, b) = (product.a, product.b)
    for i in 0..<product.m {
      try Cancellation.check()
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
        // A factor of 0 does not read its operand.
        let scaled = product.alpha == 0 ? 0 : Double(product.alpha) * sum
        let kept = product.beta == 0 ? 0 : Double(product.beta) * Double(target.pointee)
        target.pointee = Float(scaled + kept)
      }
    }
  }

  package func multiply(_ product: PanelProduct) {
    for i in 0..<product.m where !Cancellation.isRequested {
      for j in 0..<product.n {
        let target = product.c + i * product.c_stride + j
        let panel = product.panel(j / PanelProduct.width)
        var sum = 0.0
        for l in 0..<product.k {
          let (element, scale) = panel[l, j % PanelProduct.width]
          sum += Double(product.a[i * product.a_stride + l]) * Double(element) * Double(scale)
        }
        sum *= Double(product.alpha)
        if product.accumulates {
          target.pointee = Float(sum + Double(target.pointee))
          continue
        }
        if let bias = product.bias { sum += Double(bias[j]) }
        if let addend = product.addend { sum += Double(addend[i * product.addend_stride + j]) }
        target.pointee = Float(product.function.map { Self.value(of: $0, at: sum) } ?? sum)
      }
    }
  }

  // MARK: Rows

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
    case .gelu: x == -.infinity ? 0 : x / 2 * .erfc(-x / 2.0.squareRoot())
    case .geluTanh:
      // x / 2 · (1 + tanh y), without the cancellation of 1 + tanh y near −1.
      x == -.infinity
        ? 0
        : x / (1 + .exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu: x == -.infinity ? 0 : x / (1 + .exp(-x))
    case .relu: x < 0 ? 0 : x
    case .tanh: .tanh(x)
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

  // MARK: Attention scores

  package func softcap(_ row: UnsafeMutableBufferPointer<Float>, at cap: Float) {
    for index in row.indices {
      row[index] = Float(Double(cap) * .tanh(Double(row[index]) / Double(cap)))
    }
  }

  package func multiplySoftcapDerivative(
    into row: UnsafeMutableBufferPointer<Float>, scores: UnsafePointer<Float>, cap: Float
  ) {
    for index in row.indices {
      let cosh = Double.cosh(Double(scores[index]) / Double(cap))
      row[index] = Float(Double(row[index]) / (cosh * cosh))
    }
  }

  package func subtractDistances(
    _ row: UnsafeMutableBufferPointer<Float>, from start: Int, slope: Float
  ) {
    for index in row.indices {
      row[index] = Float(Double(row[index]) - Double(slope) * Double(abs(start + index)))
    }
  }

  // MARK: Attention

  package func applySoftmax(_ tile: SoftmaxTile) {
    for row in 0..<tile.rows {
      let scores = UnsafeMutableBufferPointer(
        start: tile.scores + row * tile.score_stride, count: tile.columns)
      // 1. m′ = max(m, max S)
      let old = tile.row_max[row]
      let largest = max(old, maximum(UnsafeBufferPointer(scores)))
      // 2. P = exp(S − m′), Σ P
      let exponentials = scores.map { Double.exp(Double($0) - Double(asShift(largest))) }
      for column in scores.indices { scores[column] = Float(exponentials[column]) }
      // 3. l ← a · l + Σ P and O ← a · O, a = exp(m − m′)
      let a = old == largest ? 1 : Double.exp(Double(old) - Double(largest))
      tile.row_sum[row] = Float(exponentials.reduce(a * Double(tile.row_sum[row]), +))
      tile.row_max[row] = largest
      let output = tile.output + row * tile.output_stride
      for column in 0..<tile.output_columns { output[column] = Float(a * Double(output[column])) }
    }
  }

  package func scoreKeys(_ product: CacheProduct) {
    for key in 0..<product.keys {
      for row in 0..<product.rows {
        let (input, vector) = (product.input(row), product.vector(key, of: row))
        let sum = (0..<product.dimension).reduce(0.0) {
          $0 + Double(input[$1]) * Double(vector[$1])
        }
        product.result[row * product.result_stride + key] = Float(Double(product.scale) * sum)
      }
    }
  }

  package func addWeightedValues(_ product: CacheProduct) {
    for row in 0..<product.rows {
      for column in 0..<product.dimension {
        let target = product.result + row * product.result_stride + column
        target.pointee = Float(
          (0..<product.keys).reduce(Double(target.pointee)) {
            $0 + Double(product.input(row)[$1]) * Double(product.vector($1, of: row)[column])
          })
      }
    }
  }

  package func attention(
    _ problem: AttentionProblem, threads: Int, returning results: AttentionResults,
    output: consuming Tensor?
  ) throws -> AttentionResult {
    try ReferenceAttention(
      problem, keepsWeights: !results.isDisjoint(with: [.weights, .meanWeights])
    ).rounded(returning: results)
  }

  package func attentionGradients(
    _ problem: AttentionProblem, of outputGradient: Tensor, given: GivenResult?, threads: Int
  ) throws -> AttentionGradients {
    try ReferenceGradients<Double>(problem, outputGradient: outputGradient, given: given).rounded()
  }
}
