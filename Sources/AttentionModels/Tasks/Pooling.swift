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
  /// The vector of the last token: xₙ₋₁.
  case last

  /// Pools each sequence of a packed batch into one vector; a sequence without tokens gives zeros.
  ///
  /// - Parameters:
  ///   - tokens: the packed sequences, `[token, feature]`.
  ///   - lengths: the number of tokens of each sequence.
  /// - Returns: `[sequence, feature]`.
  /// - Throws: `AttentionError.shape` unless `tokens` is a matrix; `AttentionError.argument` if the
  ///   lengths do not add up to the number of tokens.
  /// - Source: Reimers & Gurevych 2019, section 3.
  public func callAsFunction(_ tokens: Tensor, lengths: [Int]) throws -> Tensor {
    guard tokens.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "tokens", expected: "[token, feature]", got: tokens.shape)
    }
    let hiddenSize = tokens.shape[1]
    return try Tensor(shape: [lengths.count, hiddenSize]) { pooled in
      try pool(tokens, lengths: lengths) { pooled[($0 * hiddenSize)..<(($0 + 1) * hiddenSize)] }
    }
  }

  /// Pools each sequence of a packed batch into `target`.
  ///
  /// - Parameters:
  ///   - tokens: the packed sequences, `[token, feature]`.
  ///   - target: the uninitialized memory for the vector of a sequence.
  func pool(
    _ tokens: Tensor, lengths: [Int], into target: (Int) -> Slice<UnsafeMutableBufferPointer<Float>>
  ) throws {
    let ranges = try packedRanges(
      lengths, total: tokens.shape[0], name: "lengths", of: "tokens")
    let hiddenSize = tokens.shape[1]
    tokens.withUnsafeScalars { scalars in
      for (sequence, range) in ranges.enumerated() {
        let vector = UnsafeMutableBufferPointer(rebasing: target(sequence))
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
        case .mean:
          for index in range.dropFirst() { Self.add(token(index), to: vector) }
          let count = Float(range.count)
          for feature in vector.indices { vector[feature] /= count }
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
