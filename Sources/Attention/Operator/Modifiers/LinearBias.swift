import RealModule

/// ALiBi: reduces the score in proportion to the distance, with one slope per head:
/// s ← s − slopeₕ · |query position − key position|.
///
/// - Source: Press, Smith & Lewis 2022; for head counts that are not powers of two, their published
///   code.
public struct LinearBias: ScoreBias {
  /// The slope of each head.
  public let slopes: [Float]
  /// The alignment of queries and keys: it defines which ones have distance 0.
  public let alignment: AttentionMask.Alignment

  /// A bias with the given slopes.
  ///
  /// - Parameters:
  ///   - slopes: one per head; the operator throws for another number.
  ///   - alignment: the alignment of queries and keys: it defines which ones have distance 0.
  public init(slopes: [Float], alignment: AttentionMask.Alignment = .bottomRight) {
    self.slopes = slopes
    self.alignment = alignment
  }

  /// The published slopes: 2^(−8·1/n), 2^(−8·2/n), … for n heads.
  ///
  /// If n is not a power of two: the slopes for the next lower power of two, then every other slope
  /// for twice that power.
  ///
  /// - Parameters:
  ///   - headCount: n, at most 1,048,576.
  ///   - alignment: the alignment of queries and keys: it defines which ones have distance 0.
  /// - Throws: as ``publishedSlopes(headCount:)``.
  public init(headCount: Int, alignment: AttentionMask.Alignment = .bottomRight) throws {
    self.init(slopes: try Self.publishedSlopes(headCount: headCount), alignment: alignment)
  }

  /// The slopes of `init(headCount:alignment:)`; empty if `headCount` is 0.
  ///
  /// - Parameter headCount: the number of heads, at most 1,048,576.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "headCount" if it is out of range.
  public static func publishedSlopes(headCount: Int) throws -> [Float] {
    guard (0...DimensionLimit.heads).contains(headCount) else {
      throw AttentionError.argument(
        "headCount", reason: "expected 0 to \(DimensionLimit.heads), got \(headCount)")
    }
    guard headCount > 0 else { return [] }
    let power = 1 << (Int.bitWidth - 1 - headCount.leadingZeroBitCount)
    func slope(_ number: Int, of count: Int) -> Float {
      Float(Double.exp2(-8 * Double(number) / Double(count)))
    }
    return (1...power).map { slope($0, of: power) }
      + (0..<headCount - power).map { slope(2 * $0 + 1, of: 2 * power) }
  }

  /// −slopeₕ · |distance|; NaN for a head without a slope.
  public func bias(at position: ScorePosition) -> Double {
    guard slopes.indices.contains(position.head) else { return .nan }
    return -Double(slopes[position.head])
      * Double(position.distance(alignment: alignment)).magnitude
  }

  /// Adds the bias to every score of the tile.
  public func modify(_ tile: ScoreTile) {
    let slope = slopes[tile.head]
    for query in tile.queries {
      let start = tile.position(query: query, key: tile.keys.lowerBound)
        .distance(alignment: alignment)
      tile.kernels.subtractDistances(tile.row(of: query), from: start, slope: slope)
    }
  }

  /// Throws unless there is one slope per head.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "bias", with both numbers.
  public func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    guard slopes.count == headCount else {
      throw AttentionError.argument(
        "bias", reason: "expected \(headCount) slopes, one per head, got \(slopes.count)")
    }
  }
}
