import Attention
import Foundation

/// The operator in single precision, directly from the formulas. The error of this function shows
/// which rounding errors to expect.
///
/// - Parameter keeps: whether a head's query may attend to a key.
/// - Returns: `[query token, head, dv]`.
package func naiveAttention(
  queries: Tensor, keys: Tensor, values: Tensor, scale: Float? = nil,
  keeps: (_ head: Int, _ query: Int, _ key: Int) -> Bool = { _, _, _ in true }
) -> [Float] {
  let (Q, H, D) = (queries.shape[0], queries.shape[1], queries.shape[2])
  let (K, G, E) = (keys.shape[0], keys.shape[1], values.shape[2])
  let (q, k, v) = (queries.scalars, keys.scalars, values.scalars)
  let scale = scale ?? 1 / Float(D).squareRoot()
  var output = [Float](repeating: 0, count: Q * H * E)
  for h in 0..<H {
    let g = h / (H / G)
    for i in 0..<Q {
      let kept = (0..<K).filter { keeps(h, i, $0) }
      let scores = kept.map { j in
        var dot: Float = 0
        for d in 0..<D { dot += q[(i * H + h) * D + d] * k[(j * G + g) * D + d] }
        return scale * dot
      }
      guard let largest = scores.max() else { continue }
      let exponentials = scores.map { exp($0 - largest) }
      let total = exponentials.reduce(0, +)
      for (j, exponential) in zip(kept, exponentials) {
        for e in 0..<E {
          output[(i * H + h) * E + e] += exponential / total * v[(j * G + g) * E + e]
        }
      }
    }
  }
  return output
}

/// The largest absolute difference between two arrays; infinite if their lengths differ or only one
/// of two numbers is NaN.
package func largestDistance(
  _ left: some Collection<Float>, _ right: some Collection<Double>
) -> Double {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).reduce(0) { largest, pair in
    let (a, b) = (Double(pair.0), pair.1)
    if a.isNaN && b.isNaN || a == b { return largest }
    let distance = abs(a - b)
    return distance.isNaN ? .infinity : max(largest, distance)
  }
}
