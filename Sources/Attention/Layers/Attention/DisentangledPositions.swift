import RealModule

/// Relative positions as additional keys and queries of each head: DeBERTa's disentangled attention.
///
///     s[i, j] = scale · (qᵢ · kⱼ  +  qᵢ · Kʳ[δ(i − j)]  +  kⱼ · Qʳ[δ(i − j)])
///                        content     content to position     position to content
///
/// Kʳ and Qʳ have 2 n rows per head, one for each bucket of distances; each of the two is optional. With
/// logarithmic buckets, a distance d up to n/2 has its own bucket, and longer distances share buckets. From the
/// maximum distance m on, all distances share the last bucket if n is even:
///
///     b(d) = d                                                                   for |d| ≤ n/2
///     b(d) = sign(d) (⌈ln(|d| / (n/2)) / ln((m − 1) / (n/2)) · (n/2 − 1)⌉ + n/2)  otherwise
///     δ(d) = b(d) + n, at least 0 and at most 2 n − 1
///
/// Without logarithmic buckets, b(d) = d.
///
/// - Source: He et al. 2021 (DeBERTa), section 3; buckets as in Hugging Face's `DebertaV2Model`.
public struct DisentangledPositions: Sendable {
  /// n, half of the number of buckets.
  public let bucketCount: Int
  /// m, which sets how fast the buckets of long distances grow; nil for a bucket per distance.
  public let maximumDistance: Int?

  let headCount: Int
  let headDimension: Int
  /// Kʳ of each head, packed.
  let keys: [PanelMatrix]
  /// Qʳ of each head, packed.
  let queries: [PanelMatrix]

  /// Relative positions with the given keys and queries.
  ///
  /// - Parameters:
  ///   - keys: Kʳ, `[2 · bucketCount, head, dk]`; nil for no term from content to position.
  ///   - queries: Qʳ, `[2 · bucketCount, head, dk]`; nil for no term from position to content.
  ///   - maximumDistance: m, more than `bucketCount` / 2 + 1; nil for a bucket per distance.
  /// - Throws: `AttentionError.shape` naming "relative keys" or "relative queries";
  ///   `AttentionError.argument` naming "maximumDistance" or "bucketCount"; `AttentionError.memory`.
  public init(keys: Tensor?, queries: Tensor?, maximumDistance: Int? = nil) throws {
    let parts = [("relative keys", keys), ("relative queries", queries)]
    guard let shape = (keys ?? queries)?.shape else {
      throw AttentionError.argument("relative keys", reason: "both keys and queries are missing")
    }
    for case (let name, let tensor?) in parts {
      guard tensor.shape.rank == 3, tensor.shape == shape, shape[0] > 0, shape[0] % 2 == 0,
        shape[1] > 0
      else {
        throw AttentionError.shape(
          argument: name, expected: "[2 · buckets, head, dk], the same for keys and queries",
          got: tensor.shape)
      }
    }
    bucketCount = shape[0] / 2
    (headCount, headDimension) = (shape[1], shape[2])
    self.maximumDistance = maximumDistance
    if let maximumDistance {
      guard bucketCount >= 2 else {
        throw AttentionError.argument(
          "bucketCount", reason: "expected at least 2 for logarithmic buckets, got \(bucketCount)")
      }
      guard maximumDistance > bucketCount / 2 + 1 else {
        throw AttentionError.argument(
          "maximumDistance",
          reason: "expected more than \(bucketCount / 2 + 1) for \(bucketCount) buckets, "
            + "got \(maximumDistance)")
      }
    }
    func packed(_ tensor: Tensor?) throws -> [PanelMatrix] {
      guard let tensor else { return [] }
      return try (0..<shape[1]).map {
        try PanelMatrix(transposing: Tensor(tensor.head($0)), format: .float32)
      }
    }
    self.keys = try packed(keys)
    self.queries = try packed(queries)
  }

  /// δ(d), the row of Kʳ and Qʳ for a distance.
  ///
  /// - Parameter distance: query position − key position; positive for keys before the query.
  public func row(ofDistance distance: Int) -> Int {
    // Beyond any sequence, and small enough that nothing overflows.
    let limit = 1 << 40
    let distance = min(max(distance, -limit), limit)
    return min(max(bucket(ofDistance: distance) + bucketCount, 0), 2 * bucketCount - 1)
  }

  /// b(d). Computes in single precision, as the code with which the models were trained.
  private func bucket(ofDistance distance: Int) -> Int {
    let half = bucketCount / 2
    guard let maximumDistance, abs(distance) > half else { return distance }
    let far =
      Float.log(Float(abs(distance)) / Float(half))
      / Float.log(Float(Double(maximumDistance - 1) / Double(half))) * Float(half - 1)
    let bucket = Int(min(far.rounded(.up), Float(bucketCount))) + half
    return distance < 0 ? -bucket : bucket
  }

  /// Throws unless each head of a layer has its rows.
  ///
  /// - Throws: `AttentionError.argument` naming "disentangledPositions" with both sizes.
  func validate(headCount: Int, keyValueHeadCount: Int, keyDimension: Int) throws {
    guard headCount == self.headCount, keyValueHeadCount == headCount,
      keyDimension == headDimension
    else {
      throw AttentionError.argument(
        "disentangledPositions",
        reason: "expected \(headCount) heads of dimension \(keyDimension), as many for keys as for "
          + "queries, got \(self.headCount) heads of dimension \(headDimension)")
    }
  }
}
