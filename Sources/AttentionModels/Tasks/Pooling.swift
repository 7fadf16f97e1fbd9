import Attention

/// How the vectors xᵢ of a sequence's n tokens become one vector.
///
/// - Source: Reimers & Gurevych 2019, section 3.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  /// The vector of the first token, BERT's [CLS]: x₀.
  case cls
  /// The maximum of each feature: maxᵢ xᵢ; NaN if any xᵢ is NaN.
  case max
  /// The mean of each feature: Σᵢ xᵢ / n.
  case mean
  /// The sum of each feature, divided by the root of the length: Σᵢ xᵢ / √n.
  case meanSqrtLength = "mean_sqrt_len_tokens"
  /// The mean of each feature, with weights that grow with the position: Σᵢ (i + 1) xᵢ / Σᵢ (i + 1).
  ///
  /// - Source: Muennighoff 2022 (SGPT).
  case weightedMean = "weightedmean"
  /// The vector of the last token: xₙ₋₁.
  case last = "lasttoken"

  /// Pools each sequence of a packed batch into one vector; a sequence without tokens gives zeros.
  ///
  /// - Parameters:
  ///   - tokens: the packed sequences, `[token, feature]`.
  ///   - lengths: the number of tokens of each sequence.
  ///   - skipped: the number of tokens at the start of each sequence that are not pooled, such as a prompt.
  ///     ``weightedMean`` counts positions from the start of the sequence.
  /// - Returns: `[sequence, feature]`.
  /// - Throws: `AttentionError.shape` unless `tokens` is a matrix; `AttentionError.argument` if the
  ///   lengths do not add up to the number of tokens.
  /// - Source: Reimers & Gurevych 2019, section 3.
  public func callAsFunction(
    _ tokens: Tensor, lengths: [Int], skipping skipped: Int = 0
  ) throws -> Tensor {
    guard tokens.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "tokens", expected: "[token, feature]", got: tokens.shape)
    }
    let hiddenSize = tokens.shape[1]
    return try Tensor(shape: [lengths.count, hiddenSize]) { pooled in
      try pool(tokens, lengths: lengths, skipping: skipped) {
        pooled[($0 * hiddenSize)..<(($0 + 1) * hiddenSize)]
      }
    }
  }

  /// Pools each sequence of a packed batch into `target`.
  ///
  /// - Parameters:
  ///   - tokens: the packed sequences, `[token, feature]`.
  ///   - skipped: the number of tokens at the start of each sequence that are not pooled.
  ///   - target: the uninitialized memory for the vector of a sequence.
  func pool(
    _ tokens: Tensor, lengths: [Int], skipping skipped: Int = 0,
    into target: (Int) -> Slice<UnsafeMutableBufferPointer<Float>>
  ) throws {
    let ranges = try packedRanges(
      lengths, total: tokens.shape[0], name: "lengths", of: "tokens")
    let hiddenSize = tokens.shape[1]
    tokens.withUnsafeScalars { scalars in
      for (sequence, whole) in ranges.enumerated() {
        let vector = UnsafeMutableBufferPointer(rebasing: target(sequence))
        let range = whole.dropFirst(Swift.max(skipped, 0))
        guard !range.isEmpty else {
          vector.initialize(repeating: 0)
          continue
        }
        func token(_ index: Int) -> Slice<UnsafeBufferPointer<Float>> {
          scalars[(index * hiddenSize)..<((index + 1) * hiddenSize)]
        }
        let first = self == .last ? range.upperBound - 1 : range.lowerBound
        _ = vector.initialize(fromContentsOf: token(first))
        switch self {
        case .cls, .last: break
        case .max: for index in range.dropFirst() { Self.takeMaximum(of: token(index), in: vector) }
        case .mean, .meanSqrtLength:
          for index in range.dropFirst() { Self.add(token(index), to: vector) }
          let count = Float(range.count)
          Self.divide(vector, by: self == .mean ? count : count.squareRoot())
        case .weightedMean:
          let weight = { Float($0 - whole.lowerBound + 1) }
          for feature in vector.indices { vector[feature] *= weight(first) }
          for index in range.dropFirst() {
            Self.add(token(index), times: weight(index), to: vector)
          }
          Self.divide(vector, by: range.reduce(0) { $0 + weight($1) })
        }
      }
    }
  }

  private static func add(
    _ token: Slice<UnsafeBufferPointer<Float>>, to vector: UnsafeMutableBufferPointer<Float>
  ) {
    let token = UnsafeBufferPointer(rebasing: token)
    for feature in vector.indices { vector[feature] += token[feature] }
  }

  private static func add(
    _ token: Slice<UnsafeBufferPointer<Float>>, times weight: Float,
    to vector: UnsafeMutableBufferPointer<Float>
  ) {
    let token = UnsafeBufferPointer(rebasing: token)
    for feature in vector.indices { vector[feature] += weight * token[feature] }
  }

  private static func divide(_ vector: UnsafeMutableBufferPointer<Float>, by divisor: Float) {
    for feature in vector.indices { vector[feature] /= divisor }
  }

  private static func takeMaximum(
    of token: Slice<UnsafeBufferPointer<Float>>, in vector: UnsafeMutableBufferPointer<Float>
  ) {
    let token = UnsafeBufferPointer(rebasing: token)
    for feature in vector.indices {
      let value = token[feature]
      if value > vector[feature] || value.isNaN { vector[feature] = value }
    }
  }
}
