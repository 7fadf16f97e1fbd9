import Attention
import Foundation
import TestSupport

/// The formulas of the layers as loops over rows, in any precision: Double as the reference, Float
/// to find the rounding error to expect.
enum NaiveLayers<Scalar: BinaryFloatingPoint> {
  typealias Rows = [[Scalar]]

  static func rows(_ tensor: Tensor) -> Rows {
    let (scalars, width) = (tensor.scalars.map { Scalar($0) }, tensor.shape[1])
    return (0..<tensor.shape[0]).map { Array(scalars[$0 * width..<($0 + 1) * width]) }
  }

  /// x Wᵀ + b.
  static func linear(_ layer: Linear, _ x: Rows) -> Rows {
    guard let matrix = try? layer.weight else { return [] }
    let weight = rows(matrix)
    let bias = layer.bias?.scalars ?? Array(repeating: 0, count: weight.count)
    return x.map { row in
      zip(weight, bias).map { weights, bias in
        zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 } + Scalar(bias)
      }
    }
  }

  static func layerNorm(_ layer: LayerNorm, _ x: Rows) -> Rows {
    let (weight, bias) = (layer.weight.scalars, layer.bias.scalars)
    return x.map { row in
      let mean = row.reduce(0, +) / Scalar(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Scalar(row.count)
      let deviation = (variance + Scalar(layer.epsilon)).squareRoot()
      return row.indices.map {
        (row[$0] - mean) / deviation * Scalar(weight[$0]) + Scalar(bias[$0])
      }
    }
  }

  static func rmsNorm(_ layer: RMSNorm, _ x: Rows) -> Rows {
    let weight = layer.weight.scalars
    return x.map { row in
      let squares = row.reduce(0) { $0 + $1 * $1 } / Scalar(row.count)
      let size = (squares + Scalar(layer.epsilon)).squareRoot()
      return row.indices.map { row[$0] / size * Scalar(weight[$0]) }
    }
  }

  static func norm(_ norm: Norm?, _ x: Rows) -> Rows {
    switch norm {
    case .layer(let norm): layerNorm(norm, x)
    case .rms(let norm): rmsNorm(norm, x)
    case nil: x
    }
  }

  static func activation(_ activation: Activation, _ x: Rows) -> Rows {
    x.map { $0.map { Scalar(exactActivation(activation, Double($0))) } }
  }

  static func feedForward(_ layer: FeedForward, _ x: Rows) -> Rows {
    guard let gateProjection = layer.gateProjection else {
      return linear(
        layer.downProjection, activation(layer.activation, linear(layer.upProjection, x)))
    }
    let gated = activation(layer.activation, linear(gateProjection, x))
    return linear(
      layer.downProjection,
      zip(gated, linear(layer.upProjection, x)).map { zip($0, $1).map { $0 * $1 } })
  }

  static func feedForward(_ layer: FeedForwardLayer, _ x: Rows) -> Rows {
    switch layer {
    case .dense(let layer): feedForward(layer, x)
    case .experts(let layer): mixture(layer, x)
    }
  }

  /// Token by token: the router's probabilities, the k largest, and the weighted sum of their experts.
  static func mixture(_ layer: MixtureOfExperts, _ x: Rows) -> Rows {
    x.map { row in
      let logits = linear(layer.router, [row])[0]
      let largest = logits.max() ?? 0
      let exponentials = logits.map { Scalar(exp(Double($0 - largest))) }
      let sum = exponentials.reduce(0, +)
      let chosen = exponentials.enumerated().sorted {
        ($1.element, $0.offset) < ($0.element, $1.offset)
      }.prefix(layer.activeCount)
      let total = layer.normalizesWeights ? chosen.reduce(0) { $0 + $1.element } : sum
      var y = [Scalar](repeating: 0, count: row.count)
      func add(_ expert: FeedForward, times weight: Scalar) {
        for (index, value) in feedForward(expert, [row])[0].enumerated() {
          y[index] += weight * value
        }
      }
      for (expert, weight) in chosen { add(layer.experts[expert], times: weight / total) }
      if let shared = layer.sharedExpert {
        let gate = layer.sharedGate.map { Double(linear($0, [row])[0][0]) }
        add(shared, times: gate.map { Scalar(1 / (1 + exp(-$0))) } ?? 1)
      }
      return y
    }
  }

  /// RMS normalization of each head of every row, or of all heads together.
  static func heads(_ norm: RMSNorm?, _ x: Rows) -> Rows {
    guard let norm else { return x }
    return x.map { row in
      stride(from: 0, to: row.count, by: norm.featureCount).flatMap {
        rmsNorm(norm, [Array(row[$0..<$0 + norm.featureCount])])[0]
      }
    }
  }

  /// y, and the weights `[head][query][key]`.
  static func attention(
    _ layer: MultiHeadAttention, _ x: Rows, encoderOutput: Rows? = nil,
    keeps: (_ query: Int, _ key: Int) -> Bool = { _, _ in true }
  ) -> (output: Rows, weights: [Rows]) {
    let q = heads(layer.queryNorm, linear(layer.query, x))
    let k = heads(layer.keyNorm, linear(layer.key, encoderOutput ?? x))
    let v = linear(layer.value, encoderOutput ?? x)
    let (H, G) = (layer.headCount, layer.keyValueHeadCount)
    let (D, E) = (layer.query.outputSize / H, layer.value.outputSize / G)
    let scale = 1 / Scalar(D).squareRoot()
    var joined = x.map { _ in [Scalar](repeating: 0, count: H * E) }
    var weights: [Rows] = []
    for h in 0..<H {
      let g = h / (H / G)
      weights.append(
        x.indices.map { i in
          let scores = k.indices.map { j -> Scalar in
            guard keeps(i, j) else { return -.infinity }
            return scale * (0..<D).reduce(0) { $0 + q[i][h * D + $1] * k[j][g * D + $1] }
          }
          let largest = scores.max() ?? 0
          let exponentials = scores.map { Scalar(exp(Double($0 - largest))) }
          let total = exponentials.reduce(0, +)
          return exponentials.map { $0 / total }
        })
      for i in x.indices {
        for e in 0..<E {
          joined[i][h * E + e] = k.indices.reduce(0) { $0 + weights[h][i][$1] * v[$1][g * E + e] }
        }
      }
    }
    return (linear(layer.output, joined), weights)
  }

  /// The output of a block for one sequence; `keeps` is the mask of the self-attention.
  static func block(
    _ block: TransformerBlock, _ x: Rows, encoderOutput: Rows? = nil,
    keeps: (_ query: Int, _ key: Int) -> Bool = { _, _ in true }
  ) -> Rows {
    func sum(_ x: Rows, _ y: Rows) -> Rows { zip(x, y).map { zip($0, $1).map { $0 + $1 } } }
    func branch(_ norms: TransformerBlock.Norms, _ x: Rows, _ layer: (Rows) -> Rows) -> Rows {
      norm(norms.sandwich, layer(norm(norms.pre, x))).map { row in
        row.map { $0 * Scalar(block.residualScale) }
      }
    }
    func added(_ norms: TransformerBlock.Norms, _ x: Rows, _ layer: (Rows) -> Rows) -> Rows {
      norm(norms.post, sum(x, branch(norms, x, layer)))
    }
    if block.isParallel {
      return sum(
        added(block.attentionNorms, x) { attention(block.attention, $0, keeps: keeps).output },
        branch(block.feedForwardNorms, x) { feedForward(block.feedForward, $0) })
    }
    var x = added(block.attentionNorms, x) { attention(block.attention, $0, keeps: keeps).output }
    if let cross = block.crossAttention {
      x = added(block.crossNorms, x) { attention(cross, $0, encoderOutput: encoderOutput).output }
    }
    return added(block.feedForwardNorms, x) { feedForward(block.feedForward, $0) }
  }
}

/// The activations' formulas.
func exactActivation(_ activation: Activation, _ x: Double) -> Double {
  switch activation {
  case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
  // Computed as 1 + tanh y = 2 / (1 + e^(−2y)), which avoids cancellation.
  case .geluTanh: x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  case .silu: x / (1 + exp(-x))
  case .relu: max(x, 0)
  case .tanh: tanh(x)
  }
}

/// Whether a result is as accurate as the naive loops in single precision: within twice the error
/// of these loops plus a millionth of the largest number.
func isAsExactAsNaive(_ result: Tensor, exact: [[Double]], naive: [[Float]]) -> Bool {
  let exact = Array(exact.joined())
  let largest = exact.reduce(0) { max($0, abs($1)) }
  return largestDistance(result.scalars, exact)
    <= 2 * largestDistance(Array(naive.joined()), exact) + 1e-6 * largest
}

extension SeededGenerator {
  /// A layer that keeps the magnitude of its input.
  mutating func linear(from input: Int, to output: Int, hasBias: Bool = true) throws -> Linear {
    var weight = try normalTensor([output, input])
    let factor = 1 / Float(max(input, 1)).squareRoot()
    try weight.withMutableSpan { span in
      for index in span.indices { span[index] *= factor }
    }
    return try Linear(weight: weight, bias: hasBias ? normalTensor([output]) : nil)
  }

  mutating func rmsNorm(featureCount: Int) throws -> RMSNorm {
    try RMSNorm(weight: normalTensor([featureCount]), epsilon: 1e-5)
  }

  mutating func layerNorm(featureCount: Int) throws -> LayerNorm {
    try LayerNorm(
      weight: normalTensor([featureCount]), bias: normalTensor([featureCount]), epsilon: 1e-5)
  }
}
