import Attention
import Foundation

/// The operator in single precision, directly from the formulas: its error shows which rounding errors to
/// expect.
struct NaiveAttention {
  /// `[query token, head, dv]`.
  private(set) var output: [Float]
  /// `[head, query token, key token]`.
  private(set) var weights: [Float]
  /// `[head, query token]`.
  private(set) var logSumExp: [Float]

  /// - Parameter exact: the same in Double. A key with a weight is visible.
  init(_ x: OperatorArguments, _ exact: ReferenceAttention) throws {
    let (Q, H, D) = (x.queries.shape[0], x.queries.shape[1], x.queries.shape[2])
    let (K, G, E) = (x.keys.shape[0], x.keys.shape[1], x.values.shape[2])
    let (q, k, v) = (x.queries.scalars, x.keys.scalars, x.values.scalars)
    let scores = NaiveScores(x)
    output = [Float](repeating: 0, count: Q * H * E)
    weights = [Float](repeating: 0, count: H * Q * K)
    logSumExp = [Float](repeating: -.infinity, count: H * Q)
    for h in 0..<H {
      let g = h / (H / G)
      for i in 0..<Q {
        try Task.checkCancellation()
        let row = (h * Q + i) * K
        let kept = (0..<K).filter { exact.weights[row + $0] > 0 }
        let s = kept.map { j in
          var dot: Float = 0
          for d in 0..<D { dot += q[(i * H + h) * D + d] * k[(j * G + g) * D + d] }
          return scores.changed(dot, head: h, query: i, key: j)
        }
        let sink = x.options.sinks?.scalars[h] ?? -.infinity
        let largest = s.reduce(sink) { max($0, $1) }
        guard largest > -.infinity else { continue }
        let exponentials = s.map { exp($0 - largest) }
        let total = exponentials.reduce(exp(sink - largest), +)
        logSumExp[h * Q + i] = largest + log(total)
        for (j, exponential) in zip(kept, exponentials) {
          weights[row + j] = exponential / total
          for e in 0..<E {
            output[(i * H + h) * E + e] += weights[row + j] * v[(j * G + g) * E + e]
          }
        }
      }
    }
  }
}

/// The scores of the operator in single precision: scale, softcap, modifiers, bias.
private struct NaiveScores {
  private let options: AttentionOptions
  private let scale: Float
  private let bias: [Float]?
  private let (queryCount, keyCount): (Int, Int)
  /// Whether there is one bias for each head.
  private let hasPlanes: Bool
  /// The packed sequences.
  private let sequences: [(queries: Range<Int>, keys: Range<Int>)]

  init(_ x: OperatorArguments) {
    options = x.options
    scale = options.scale ?? 1 / Float(x.queries.shape[2]).squareRoot()
    bias = options.bias?.scalars
    (queryCount, keyCount) = (x.queries.shape[0], x.keys.shape[0])
    hasPlanes = options.bias.map { $0.shape.rank == 3 && $0.shape[0] > 1 } ?? false
    func ranges(_ lengths: [Int]) -> [Range<Int>] {
      var end = 0
      return lengths.map { length in
        defer { end += length }
        return end..<end + length
      }
    }
    let lengths = options.lengths ?? [queryCount]
    let keyLengths = options.keyLengths ?? options.lengths ?? [keyCount]
    sequences = zip(ranges(lengths), ranges(keyLengths)).map { ($0, $1) }
  }

  /// The score of a query and a key of the same sequence.
  func changed(_ dot: Float, head: Int, query: Int, key: Int) -> Float {
    var score = scale * dot
    if let cap = options.softcap { score = cap * tanh(score / cap) }
    if !options.modifiers.isEmpty,
      let sequence = sequences.first(where: { $0.queries.contains(query) })
    {
      let position = ScorePosition(
        head: head, query: query - sequence.queries.lowerBound, key: key - sequence.keys.lowerBound,
        queryCount: sequence.queries.count, keyCount: sequence.keys.count, packedQuery: query,
        packedKey: key)
      for modifier in options.modifiers {
        score = Float(modifier.value(of: Double(score), at: position))
      }
    }
    if let bias {
      score += bias[((hasPlanes ? head : 0) * queryCount + query) * keyCount + key]
    }
    return score
  }
}
