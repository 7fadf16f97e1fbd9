import Attention

/// The sums of the magnitudes of the terms of each gradient: their largest elements. The terms of dS = P (dP −
/// D) cancel, and rounding errors are relative to them, not to the gradients.
struct GradientMagnitudes {
  private(set) var queries = 0.0
  private(set) var keys = 0.0
  private(set) var values = 0.0
  /// Of a bias, a sink, or a parameter of a modifier: all of a head's scores may share one.
  private(set) var parameters = 0.0

  /// - Parameter exact: the result of the operator, with P.
  init(_ x: OperatorArguments, outputGradient: Tensor, _ exact: ReferenceAttention) {
    let (Q, H, D) = (x.queries.shape[0], x.queries.shape[1], x.queries.shape[2])
    let (K, G, E) = (x.keys.shape[0], x.keys.shape[1], x.values.shape[2])
    let (q, k, v) = (x.queries.scalars, x.keys.scalars, x.values.scalars)
    let dO = outputGradient.scalars
    let scale = Double(abs(x.options.scale ?? 1 / Float(D).squareRoot()))
    var dK = [Double](repeating: 0, count: K * G * D)
    var dV = [Double](repeating: 0, count: K * G * E)
    for h in 0..<H {
      let g = h / (H / G)
      var total = 0.0
      for i in 0..<Q {
        let row = (h * Q + i) * K
        let o = (i * H + h) * E
        let kept = (0..<K).filter { exact.weights[row + $0] > 0 }
        let dP = kept.map { j in
          (0..<E).reduce(0.0) { $0 + Double(dO[o + $1]) * Double(v[(j * G + g) * E + $1]) }
        }
        let product = zip(kept, dP).reduce(0.0) { $0 + exact.weights[row + $1.0] * $1.1 }
        // The sink's term, and P (|dP| + |D|) of each key.
        total += abs(product)
        var dQ = [Double](repeating: 0, count: D)
        for (j, dP) in zip(kept, dP) {
          let weight = exact.weights[row + j]
          let size = weight * (abs(dP) + abs(product))
          total += size
          for d in 0..<D {
            dQ[d] += scale * size * Double(abs(k[(j * G + g) * D + d]))
            dK[(j * G + g) * D + d] += scale * size * Double(abs(q[(i * H + h) * D + d]))
          }
          for e in 0..<E { dV[(j * G + g) * E + e] += weight * Double(abs(dO[o + e])) }
        }
        queries = max(queries, dQ.max() ?? 0)
      }
      parameters = max(parameters, total)
    }
    keys = dK.max() ?? 0
    values = dV.max() ?? 0
  }

  /// Of dQ, dK, dV, then of biases, sinks and parameters.
  subscript(index: Int) -> Double {
    switch index {
    case 0: queries
    case 1: keys
    case 2: values
    default: parameters
    }
  }
}
