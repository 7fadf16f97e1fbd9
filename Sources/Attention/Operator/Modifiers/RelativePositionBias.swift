import RealModule

/// T5's bias: one learned number for each head and each bucket of distances,
/// s ← s + table[bucket, h].
///
/// Short distances have one bucket each. Longer distances share buckets of logarithmically growing
/// size. All distances from `maximumDistance` on share the last bucket. If the bias is
/// bidirectional, half of the buckets are for keys after the query; otherwise, keys after the query
/// share the bucket of distance 0.
///
/// With n buckets per direction, a key at distance d before the query (or after the query, for the
/// second half of the buckets) has the bucket
///
///     d                                                                  for d < n/2
///     n/2 + ⌊ln(d / (n/2)) / ln(maximumDistance / (n/2)) · (n − n/2)⌋    otherwise, at most n − 1
///
/// - Source: Raffel et al. 2020, section 2.1; buckets as in Hugging Face's `T5Attention`.
public struct RelativePositionBias: ScoreBias {
  /// `[bucket, head]`.
  public let table: Tensor
  /// Whether keys after the query have separate buckets, as in encoders.
  public let isBidirectional: Bool
  /// The distance from which on all keys share the last bucket.
  public let maximumDistance: Int
  /// The alignment of queries and keys: it defines which ones have distance 0.
  public let alignment: AttentionMask.Alignment

  /// The table by head, then bucket, so that a tile reads consecutive numbers.
  private let biases: [Float]
  /// starts[b] is the smallest distance whose bucket is b or higher, for the buckets of one
  /// direction.
  private let starts: [Int]

  /// A bias with the given table.
  ///
  /// - Parameters:
  ///   - table: `[bucket, head]`.
  ///   - isBidirectional: whether keys after the query have separate buckets.
  ///   - maximumDistance: the distance from which on all keys share the last bucket.
  ///   - alignment: the alignment of queries and keys: it defines which ones have distance 0.
  /// - Throws: `AttentionError.shape` naming "bias table" for a table with too few buckets;
  ///   `AttentionError.argument` for a maximum distance that leaves no room for shared buckets.
  public init(
    table: Tensor, isBidirectional: Bool, maximumDistance: Int = 128,
    alignment: AttentionMask.Alignment = .bottomRight
  ) throws {
    let leastBuckets = isBidirectional ? 4 : 2
    guard table.shape.rank == 2, table.shape[0] >= leastBuckets else {
      throw AttentionError.shape(
        argument: "bias table", expected: "[bucket, head] with at least \(leastBuckets) buckets",
        got: table.shape)
    }
    let directed = isBidirectional ? table.shape[0] / 2 : table.shape[0]
    guard maximumDistance > directed / 2 else {
      throw AttentionError.argument(
        "maximumDistance",
        reason: "expected more than \(directed / 2), the number of distances with one bucket each, "
          + "got \(maximumDistance)")
    }
    self.table = table
    self.isBidirectional = isBidirectional
    self.maximumDistance = maximumDistance
    self.alignment = alignment
    let (bucketCount, headCount) = (table.shape[0], table.shape[1])
    let scalars = table.scalars
    biases = (0..<headCount).flatMap { head in
      (0..<bucketCount).map { scalars[$0 * headCount + head] }
    }
    starts = Self.starts(bucketCount: directed, maximumDistance: maximumDistance)
  }

  /// The first distance of each bucket of one direction. Computes the logarithms once, not for
  /// every key.
  private static func starts(bucketCount: Int, maximumDistance: Int) -> [Int] {
    let exact = bucketCount / 2
    // Single precision, as in training of the published models: in Double, some boundaries would
    // differ.
    func bucket(_ steps: Int) -> Int {
      let far =
        Float.log(Float(steps) / Float(exact))
        / Float(Double.log(Double(maximumDistance) / Double(exact)))
        * Float(bucketCount - exact)
      return exact + Int(min(far, Float(bucketCount)))
    }
    var starts = Array(0..<exact)
    for number in exact..<bucketCount {
      // Binary search between the previous bucket's start and the maximum distance.
      var (low, high) = (max(exact, starts.last ?? 0), maximumDistance)
      while low < high {
        let middle = low + (high - low) / 2
        if bucket(middle) >= number { high = middle } else { low = middle + 1 }
      }
      starts.append(low)
    }
    return starts
  }

  /// The bucket of a distance.
  ///
  /// - Parameter distance: key position − query position; negative for keys before the query.
  public func bucket(ofDistance distance: Int) -> Int {
    let base = isBidirectional && distance > 0 ? starts.count : 0
    return base + directedBucket(ofSteps: steps(ofDistance: distance))
  }

  /// The absolute distance; 0 for keys after the query, unless such keys have separate buckets.
  private func steps(ofDistance distance: Int) -> Int {
    // All distances beyond the maximum are equivalent, and abs(Int.min) would overflow.
    let bounded = max(distance, -maximumDistance)
    return isBidirectional ? abs(bounded) : max(0, -bounded)
  }

  /// The last bucket that starts at or before an absolute distance.
  private func directedBucket(ofSteps steps: Int) -> Int {
    var (low, high) = (0, starts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= steps { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The biases of `count` consecutive distances, starting at `lowest`.
  private func run(from lowest: Int, count: Int, head: Int) -> [Float] {
    let first = head * table.shape[0]
    return [Float](uninitializedCount: count) { run in
      var written = 0
      while written < count {
        let distance = lowest + written
        let bucket = directedBucket(ofSteps: steps(ofDistance: distance))
        // The end of the distances in this bucket. Before the query, distances decrease to the
        // start of this bucket; after the query, they increase to the start of the next one.
        let end =
          if distance < 0 {
            1 - starts[bucket]
          } else if !isBidirectional {
            Int.max
          } else if distance == 0 {
            1
          } else {
            bucket + 1 < starts.count ? starts[bucket + 1] : Int.max
          }
        let isAhead = isBidirectional && distance > 0
        let bias = biases[first + bucket + (isAhead ? starts.count : 0)]
        let length = min(end - distance, count - written)
        run.extracting(written..<written + length).initialize(repeating: bias)
        written += length
      }
    }
  }

  /// table[bucket(distance), h]; NaN for a head without a column.
  public func bias(at position: ScorePosition) -> Double {
    guard (0..<table.shape[1]).contains(position.head) else { return .nan }
    let bucket = bucket(ofDistance: position.distance(alignment: alignment))
    return Double(biases[position.head * table.shape[0] + bucket])
  }

  /// Adds the bias to every score of the tile.
  public func modify(_ tile: ScoreTile) {
    // Look up each distance of the tile once, not once per row.
    let lowest = tile.position(query: tile.queries.upperBound - 1, key: tile.keys.lowerBound)
      .distance(alignment: alignment)
    let run = run(
      from: lowest, count: tile.queries.count + tile.keys.count, head: tile.head)
    run.withUnsafeBufferPointer { run in
      guard let run = run.baseAddress else { return }
      for query in tile.queries {
        tile.kernels.add(tile.row(of: query), run + (tile.queries.upperBound - 1 - query))
      }
    }
  }

  /// The table.
  public var parameters: Tensor? { table }

  /// 1 for the table entry of the bucket and the head.
  public func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)] {
    let bucket = bucket(ofDistance: position.distance(alignment: alignment))
    return [(bucket * table.shape[1] + position.head, 1)]
  }

  /// Adds the slopes of each distance to the table entry of its bucket.
  public func addParameterGradient(
    slopes: ScoreTile, scores: ScoreTile?, to gradient: inout MutableSpan<Float>
  ) {
    guard let last = slopes.queries.last, !slopes.keys.isEmpty else { return }
    let lowest = slopes.position(query: last, key: slopes.keys.lowerBound)
      .distance(alignment: alignment)
    // Scores with the same distance are on a diagonal of the tile.
    var sums = [Double](repeating: 0, count: slopes.queries.count + slopes.keys.count - 1)
    for query in slopes.queries {
      let row = slopes.row(of: query)
      for index in row.indices { sums[last - query + index] += Double(row[index]) }
    }
    for (index, sum) in sums.enumerated() {
      let bucket = bucket(ofDistance: lowest + index)
      gradient[bucket * table.shape[1] + slopes.head] += Float(sum)
    }
  }

  /// Throws unless the table has one column per head.
  ///
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` naming "bias table".
  public func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    guard table.shape[1] == headCount else {
      throw AttentionError.shape(
        argument: "bias table", expected: "[bucket, \(headCount)], one column per head",
        got: table.shape)
    }
  }
}
