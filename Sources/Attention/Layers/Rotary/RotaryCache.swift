import RealModule

/// The cosines and sines of a `RotaryEmbedding` for the positions of a batch.
///
/// Queries, keys and all layers of a model can share one cache: computing the cosines and sines
/// costs more than applying them.
public struct RotaryCache: Sendable {
  /// The embedding that the cosines and sines belong to.
  public let embedding: RotaryEmbedding
  /// `[token, 2, pair]`: cos p ωᵢ, then sin p ωᵢ, each times the attention factor.
  public let values: Tensor

  /// The number of tokens.
  public var tokenCount: Int { values.shape[0] }

  /// The largest absolute position. Single precision represents every integer up to 2²⁴.
  static let largestPosition = 1 << 24

  /// The cosines and sines for tokens at the given positions.
  ///
  /// - Parameters:
  ///   - positions: one per token.
  ///   - sequences: ranges that cover all tokens, each with the sequence length for dynamic
  ///     scaling.
  init(
    _ embedding: RotaryEmbedding, positions: [Int],
    sequences: [(tokens: Range<Int>, length: Int)]
  ) throws {
    let bounds = -Self.largestPosition...Self.largestPosition
    if let outside = positions.first(where: { !bounds.contains($0) }) {
      throw AttentionError.argument(
        "positions", reason: "\(outside) is out of range \(bounds)")
    }
    let pairCount = embedding.rotaryDimension / 2
    let factor = Float(embedding.attentionFactor)
    self.embedding = embedding
    values = try Tensor(shape: [positions.count, 2, pairCount]) { buffer in
      nonisolated(unsafe) let buffer = buffer
      for sequence in sequences {
        let frequencies = embedding.frequencies(length: sequence.length)
        let start = sequence.tokens.lowerBound
        try Workers.forEachRange(
          of: sequence.tokens.count, least: 2048 / pairCount + 1,
          threads: Compute.current.threadCount
        ) { part in
          for token in start + part.lowerBound..<start + part.upperBound {
            let position = Float(positions[token])
            let row = token * 2 * pairCount
            for pair in 0..<pairCount {
              // The angle is rounded to single precision, as in training. Its cosine and sine are
              // computed in double precision.
              let angle = Double(position * frequencies[pair])
              buffer[row + pair] = Float(Double.cos(angle)) * factor
              buffer[row + pairCount + pair] = Float(Double.sin(angle)) * factor
            }
          }
        }
      }
    }
  }

  /// Rotates each head of each token.
  ///
  /// - Parameter tensor: `[token, head, dimension]`.
  /// - Returns: the same shape.
  /// - Throws: `AttentionError.shape` if the head dimension differs; `AttentionError.argument`
  ///   naming "positions" if the number of tokens differs; `AttentionError.memory`.
  public func callAsFunction(_ tensor: Tensor) throws -> Tensor {
    var output = tensor
    try apply(to: &output)
    return output
  }

  /// Rotates each head of each token, in place unless the tensor's storage is shared.
  func apply(to tensor: inout Tensor) throws {
    let (shape, headDimension) = (tensor.shape, embedding.headDimension)
    guard shape.rank == 3, shape[2] == headDimension else {
      throw AttentionError.shape(
        argument: "rotary embedding's input", expected: "[token, head, \(headDimension)]",
        got: shape)
    }
    guard shape[0] == tokenCount else {
      throw AttentionError.argument(
        "positions",
        reason: "expected \(shape[0]), one per token of shape \(shape), got \(tokenCount)")
    }
    let rowWidth = shape[1] * headDimension
    guard rowWidth > 0 else { return }
    let pairCount = embedding.rotaryDimension / 2
    try values.withUnsafeBase { values in
      try tensor.withUnsafeMutableScalars { buffer in
        guard let scalars = buffer.baseAddress else { return }
        nonisolated(unsafe) let (base, values) = (scalars, values)
        try Workers.forEachRange(
          of: tokenCount, least: 16_384 / rowWidth + 1, threads: Compute.current.threadCount
        ) { tokens in
          for token in tokens {
            for head in 0..<shape[1] {
              let x = base + token * rowWidth + head * headDimension
              let cosines = values + token * 2 * pairCount
              switch embedding.layout {
              case .halfSplit: Self.rotateHalves(x, cosines, pairs: pairCount)
              case .interleaved: Self.rotatePairs(x, cosines, pairs: pairCount)
              }
            }
          }
        }
      }
    }
  }

  /// Rotates pairs (i, i + pairs). The sines follow the `pairs` cosines in memory.
  private static func rotateHalves(
    _ x: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>, pairs: Int
  ) {
    // One index for all four pointers, so that the compiler vectorizes the loop.
    let (y, sines) = (x + pairs, cosines + pairs)
    for i in 0..<pairs {
      let (a, b) = (x[i], y[i])
      x[i] = a * cosines[i] - b * sines[i]
      y[i] = b * cosines[i] + a * sines[i]
    }
  }

  /// Rotates pairs (2i, 2i + 1). The sines follow the `pairs` cosines in memory.
  private static func rotatePairs(
    _ x: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>, pairs: Int
  ) {
    let (y, sines) = (x + 1, cosines + pairs)
    for i in 0..<pairs {
      let (a, b) = (x[2 &* i], y[2 &* i])
      x[2 &* i] = a * cosines[i] - b * sines[i]
      y[2 &* i] = b * cosines[i] + a * sines[i]
    }
  }
}
