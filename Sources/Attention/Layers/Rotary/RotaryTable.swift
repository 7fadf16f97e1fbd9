import RealModule

/// The cosines and sines by which a `RotaryEmbedding` turns tokens at given positions.
///
/// Queries and keys, and all layers of a model, can share one: making it costs more than using it.
public struct RotaryTable: Sendable {
  /// The embedding it belongs to.
  public let embedding: RotaryEmbedding
  /// `[token, 2, pair]`: cos p ωᵢ, then sin p ωᵢ, each times the attention factor.
  public let values: Tensor

  /// The number of tokens.
  public var tokenCount: Int { values.shape[0] }

  /// The largest position, either way, up to which single precision tells all of them apart.
  static let largestPosition = 1 << 24

  /// A table whose tokens stand at `positions`.
  ///
  /// - Parameters:
  ///   - positions: one a token.
  ///   - sequences: runs of tokens that make up all of them, each with the length that dynamic scaling
  ///     depends on.
  init(
    _ embedding: RotaryEmbedding, positions: [Int],
    sequences: [(tokens: Range<Int>, length: Int)]
  ) throws {
    let bounds = -Self.largestPosition...Self.largestPosition
    if let outside = positions.first(where: { !bounds.contains($0) }) {
      throw AttentionError.argument(
        "positions", reason: "\(outside) is out of range, which is \(bounds)")
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
              // The angle is rounded to single precision, as in training; what is made of it is exact.
              let angle = Double(position * frequencies[pair])
              buffer[row + pair] = Float(Double.cos(angle)) * factor
              buffer[row + pairCount + pair] = Float(Double.sin(angle)) * factor
            }
          }
        }
      }
    }
  }

  /// Turns each head of each token.
  ///
  /// - Parameter tensor: `[token, head, dimension]`.
  /// - Returns: the same shape.
  /// - Throws: `AttentionError.shape` for another head dimension; `AttentionError.argument` naming
  ///   "positions" for another number of tokens; `AttentionError.memory`.
  public func callAsFunction(_ tensor: Tensor) throws -> Tensor {
    var output = tensor
    try apply(to: &output)
    return output
  }

  /// Turns each head of each token, in place where nobody shares the tensor.
  func apply(to tensor: inout Tensor) throws {
    let (shape, width) = (tensor.shape, embedding.headDimension)
    guard shape.rank == 3, shape[2] == width else {
      throw AttentionError.shape(
        argument: "rotary embedding's input", expected: "[token, head, \(width)]", got: shape)
    }
    guard shape[0] == tokenCount else {
      throw AttentionError.argument(
        "positions", reason: "\(tokenCount) positions for the \(shape[0]) tokens of \(shape)")
    }
    let rowWidth = shape[1] * width
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
              let x = base + token * rowWidth + head * width
              let cosines = values + token * 2 * pairCount
              switch embedding.layout {
              case .halfSplit: Self.turnHalves(x, cosines, pairs: pairCount)
              case .interleaved: Self.turnNeighbours(x, cosines, pairs: pairCount)
              }
            }
          }
        }
      }
    }
  }

  /// Turns pairs (i, i + pairs): `cosines` are followed by as many sines.
  private static func turnHalves(
    _ x: UnsafeMutablePointer<Float>, _ cosines: UnsafePointer<Float>, pairs: Int
  ) {
    // One index for all four, so that the loop is vectorised.
    let (y, sines) = (x + pairs, cosines + pairs)
    for i in 0..<pairs {
      let (a, b) = (x[i], y[i])
      x[i] = a * cosines[i] - b * sines[i]
      y[i] = b * cosines[i] + a * sines[i]
    }
  }

  /// Turns pairs (2i, 2i + 1): `cosines` are followed by as many sines.
  private static func turnNeighbours(
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
