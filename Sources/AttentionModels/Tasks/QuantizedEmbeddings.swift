import Attention

/// The format of quantized embeddings.
///
/// - Source: `quantize_embeddings` of sentence-transformers.
public enum EmbeddingPrecision: String, Sendable, Hashable, CaseIterable {
  /// A signed byte per feature: the number of steps of 1/255 of the feature's range, minus 128.
  case int8
  /// A byte per feature: the number of steps of 1/255 of the feature's range.
  case uint8
  /// A bit per feature, 1 for a positive number, the first feature in the highest bit; bytes minus 128.
  case binary
  /// A bit per feature, 1 for a positive number, the first feature in the highest bit.
  case ubinary

  /// Whether a feature takes one bit.
  var isBinary: Bool { self == .binary || self == .ubinary }
  /// Whether the numbers are signed bytes.
  public var isSigned: Bool { self == .int8 || self == .binary }

  /// The number of bytes of an embedding.
  func byteCount(dimension: Int) -> Int {
    isBinary ? dimension / 8 + (dimension % 8 == 0 ? 0 : 1) : dimension
  }
}

/// The least and the greatest number of each feature of many embeddings, from which `int8` and `uint8` are
/// computed.
public struct EmbeddingRanges: Sendable, Hashable {
  /// The least number of each feature.
  public let minimum: [Float]
  /// The greatest number of each feature.
  public let maximum: [Float]

  /// The ranges of embeddings, which should be representative of the texts: at least hundreds.
  ///
  /// - Parameter embeddings: `[text, feature]`, at least two texts.
  /// - Throws: `AttentionError.shape` unless they are a matrix with at least two rows;
  ///   `AttentionError.argument` naming "embeddings" for a number that is not finite.
  public init(of embeddings: Tensor) throws {
    guard embeddings.shape.rank == 2, embeddings.shape[0] >= 2 else {
      throw AttentionError.shape(
        argument: "embeddings", expected: "[text, feature] with at least 2 texts",
        got: embeddings.shape)
    }
    try requireFinite(embeddings)
    let dimension = embeddings.shape[1]
    var least = [Float](repeating: .infinity, count: dimension)
    var greatest = [Float](repeating: -.infinity, count: dimension)
    embeddings.withSpan { numbers in
      for index in numbers.indices {
        let feature = index % dimension
        least[feature] = Swift.min(least[feature], numbers[index])
        greatest[feature] = Swift.max(greatest[feature], numbers[index])
      }
    }
    (minimum, maximum) = (least, greatest)
  }

  /// The given ranges.
  ///
  /// - Throws: `AttentionError.argument` naming "ranges" if the counts differ.
  public init(minimum: [Float], maximum: [Float]) throws {
    guard minimum.count == maximum.count else {
      throw AttentionError.argument(
        "ranges", reason: "\(minimum.count) minima, but \(maximum.count) maxima")
    }
    (self.minimum, self.maximum) = (minimum, maximum)
  }
}

/// Embeddings with a byte or a bit per feature: a quarter or a thirty-second of the memory.
///
/// ```swift
/// let corpus = try embedder.embed(texts)
/// let quantized = try QuantizedEmbeddings(corpus, precision: .int8, ranges: EmbeddingRanges(of: corpus))
/// ```
///
/// - Source: `quantize_embeddings` of sentence-transformers, with the same bytes.
public struct QuantizedEmbeddings: Sendable, Hashable {
  /// The format.
  public let precision: EmbeddingPrecision
  /// The number of embeddings.
  public let count: Int
  /// The number of features of an embedding.
  public let dimension: Int
  /// The bytes of all embeddings, one after the other; signed numbers as two's complement.
  public let bytes: [UInt8]

  /// The number of bytes of an embedding.
  public var rowByteCount: Int { precision.byteCount(dimension: dimension) }

  /// Quantizes embeddings.
  ///
  /// - Parameters:
  ///   - embeddings: `[text, feature]`.
  ///   - precision: the format.
  ///   - ranges: the ranges of the features for `int8` and `uint8`; nil for the ranges of `embeddings`. Queries
  ///     need the ranges of the corpus. Numbers outside are moved to the bounds.
  /// - Throws: `AttentionError.shape` unless `embeddings` is a matrix, with at least two rows if there are no
  ///   ranges; `AttentionError.argument` naming "ranges" for another number of features, or "embeddings" for a
  ///   number that is not finite; `AttentionError.memory`.
  public init(
    _ embeddings: Tensor, precision: EmbeddingPrecision, ranges: EmbeddingRanges? = nil
  ) throws {
    guard embeddings.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "embeddings", expected: "[text, feature]", got: embeddings.shape)
    }
    try requireFinite(embeddings)
    self.precision = precision
    (count, dimension) = (embeddings.shape[0], embeddings.shape[1])
    let rowByteCount = precision.byteCount(dimension: dimension)
    try requireMemory(byteCount: count * rowByteCount, purpose: "quantized embeddings")
    if precision.isBinary {
      bytes = Self.bits(embeddings, rowByteCount: rowByteCount, isSigned: precision.isSigned)
    } else if count == 0 {
      bytes = []
    } else {
      let ranges = try ranges ?? EmbeddingRanges(of: embeddings)
      guard ranges.minimum.count == dimension else {
        throw AttentionError.argument(
          "ranges",
          reason: "expected \(dimension), one per feature, got \(ranges.minimum.count)")
      }
      bytes = Self.steps(embeddings, ranges, isSigned: precision.isSigned)
    }
  }

  /// Subtracts 128 from a byte: two's complement of a signed byte.
  private static func byte(_ number: UInt8, isSigned: Bool) -> UInt8 {
    isSigned ? number &- 128 : number
  }

  private static func steps(
    _ embeddings: Tensor, _ ranges: EmbeddingRanges, isSigned: Bool
  ) -> [UInt8] {
    let steps = zip(ranges.minimum, ranges.maximum).map { least, greatest in
      greatest == least ? 1 : (greatest - least) / 255
    }
    return embeddings.withSpan { numbers in
      numbers.indices.map { index in
        let feature = index % steps.count
        let step = ((numbers[index] - ranges.minimum[feature]) / steps[feature]).rounded(.down)
        return byte(UInt8(min(max(step, 0), 255)), isSigned: isSigned)
      }
    }
  }

  private static func bits(
    _ embeddings: Tensor, rowByteCount: Int, isSigned: Bool
  ) -> [UInt8] {
    let (count, dimension) = (embeddings.shape[0], embeddings.shape[1])
    var bytes = [UInt8](repeating: 0, count: count * rowByteCount)
    embeddings.withSpan { numbers in
      for row in 0..<count {
        for feature in 0..<dimension where numbers[row * dimension + feature] > 0 {
          bytes[row * rowByteCount + feature / 8] |= 128 >> UInt8(feature % 8)
        }
      }
    }
    return isSigned ? bytes.map { byte($0, isSigned: true) } : bytes
  }
}

private func requireFinite(_ embeddings: Tensor) throws {
  guard embeddings.isFinite else {
    throw AttentionError.argument("embeddings", reason: "expected finite numbers")
  }
}
