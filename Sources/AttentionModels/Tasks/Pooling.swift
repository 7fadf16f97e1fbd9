import Attention

/// How the vectors xᵢ of a sequence's n tokens become one vector.
///
/// - Source: Reimers & Gurevych 2019, section 3.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  /// The first token's vector, BERT's [CLS]: x₀.
  case cls
  /// The largest value of each feature: maxᵢ xᵢ; NaN where there is one.
  case max
  /// The mean of each feature: Σᵢ xᵢ / n.
  case mean
  /// The last token's vector: xₙ₋₁.
  case last

  /// One vector a sequence; zeros for a sequence without tokens.
  ///
  /// - Parameters:
  ///   - tokens: the sequences end to end, `[token, feature]`.
  ///   - lengths: how many tokens each sequence has.
  /// - Returns: `[sequence, feature]`.
  /// - Throws: `AttentionError.shape` unless `tokens` is a matrix, `AttentionError.argument` when the
  ///   lengths do not make up the tokens.
  /// - Source: Reimers & Gurevych 2019, section 3.
  public func callAsFunction(_ tokens: Tensor, lengths: [Int]) throws -> Tensor {
    guard tokens.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "tokens", expected: "[token, feature]", got: tokens.shape)
    }
    let ranges = try packedRanges(
      lengths, total: tokens.shape[0], name: "lengths", of: "tokens")
    let hiddenSize = tokens.shape[1]
    return try Tensor(shape: [lengths.count, hiddenSize]) { pooled in
      pooled.initialize(repeating: 0)
      tokens.withUnsafeScalars { scalars in
        for (sequence, range) in ranges.enumerated() where !range.isEmpty {
          for feature in 0..<hiddenSize {
            func value(_ token: Int) -> Float { scalars[token * hiddenSize + feature] }
            let result =
              switch self {
              case .cls: value(range.lowerBound)
              case .last: value(range.upperBound - 1)
              case .max:
                range.dropFirst().reduce(value(range.lowerBound)) {
                  let next = value($1)
                  return next > $0 || next.isNaN ? next : $0
                }
              case .mean: range.reduce(Float(0)) { $0 + value($1) } / Float(range.count)
              }
            pooled[sequence * hiddenSize + feature] = result
          }
        }
      }
    }
  }
}
