import RealModule

/// T5's bias: a learned number for each head and each bucket of distances, s ← s + table[bucket, h].
///
/// Near distances have a bucket each; further ones share buckets that grow logarithmically up to
/// `maximumDistance`, and all beyond share the last. With both directions, half of the buckets are
/// for keys ahead of the query; with one, keys ahead share the bucket of distance 0.
///
/// With n buckets a direction and a key d behind the query (or ahead of it, in the second half), the
/// bucket is
///
///     d                                                                  where d < n/2
///     n/2 + ⌊ln(d / (n/2)) / ln(maximumDistance / (n/2)) · (n − n/2)⌋    beyond, at most n − 1
///
/// - Source: Raffel et al. 2020, section 2.1; buckets as in Hugging Face's `T5Attention`.
public struct RelativePositionBias: ScoreBias {
  /// `[bucket, head]`.
  public let table: Tensor
  /// Whether keys ahead of the query have buckets of their own: in encoders.
  public let isBidirectional: Bool
  /// From which distance on all keys share the last bucket.
  public let maximumDistance: Int
  /// Where the diagonal lies on which the distance is 0.
  public let alignment: AttentionMask.Alignment

  /// The table by head and then bucket, so that a tile reads a run.
  private let biases: [Float]
  /// For each of a direction's buckets the least number of steps that falls into it or beyond.
  private let starts: [Int]

  /// A bias with the given table.
  ///
  /// - Parameters:
  ///   - table: `[bucket, head]`.
  ///   - isBidirectional: whether keys ahead of the query have buckets of their own.
  ///   - maximumDistance: from which distance on all keys share the last bucket.
  ///   - alignment: where the diagonal lies on which the distance is 0.
  /// - Throws: `AttentionError.shape` naming "bias table" for a table without buckets;
  ///   `AttentionError.argument` for a maximum distance that leaves no room for far buckets.
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
        reason: "expected more than the \(directed / 2) distances that have a bucket each, "
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

  /// Where each bucket of a direction begins: logarithms are taken here, once, and not for every key.
  private static func starts(bucketCount: Int, maximumDistance: Int) -> [Int] {
    let exact = bucketCount / 2
    // Single precision, as the published tables were trained with: a boundary may fall elsewhere
    // in Double.
    func bucket(_ steps: Int) -> Int {
      let far =
        Float.log(Float(steps) / Float(exact))
        / Float(Double.log(Double(maximumDistance) / Double(exact)))
        * Float(bucketCount - exact)
      return exact + Int(min(far, Float(bucketCount)))
    }
    var starts = Array(0..<exact)
    for number in exact..<bucketCount {
      // Between the start before, which lies in an earlier bucket or this, and the maximum distance.
      var (low, high) = (max(exact, starts.last ?? 0), maximumDistance)
      while low < high {
        let middle = low + (high - low) / 2
        if bucket(middle) >= number { high = middle } else { low = middle + 1 }
      }
      starts.append(low)
    }
    return starts
  }

  /// The bucket of a distance, which is negative for keys behind the query.
  ///
  /// - Parameter distance: key position − query position.
  public func bucket(ofDistance distance: Int) -> Int {
    let base = isBidirectional && distance > 0 ? starts.count : 0
    return base + directedBucket(ofSteps: steps(ofDistance: distance))
  }

  /// How many steps lie between a query and a key: none to keys ahead, unless these have buckets.
  private func steps(ofDistance distance: Int) -> Int {
    // From the maximum distance on nothing changes, and the smallest integer has no opposite.
    let bounded = max(distance, -maximumDistance)
    return isBidirectional ? abs(bounded) : max(0, -bounded)
  }

  /// The last bucket that begins at or before a number of steps.
  private func directedBucket(ofSteps steps: Int) -> Int {
    var (low, high) = (0, starts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= steps { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The biases of `count` distances in a row, from the lowest on.
  private func run(from lowest: Int, count: Int, head: Int) -> [Float] {
    let first = head * table.shape[0]
    return [Float](unsafeUninitializedCapacity: count) { run, written in
      while written < count {
        let distance = lowest + written
        let bucket = directedBucket(ofSteps: steps(ofDistance: distance))
        // All that share the bucket: behind the query they end where it begins, ahead where the next
        // does.
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

  /// table[bucket(distance), h]; NaN for a head that has no column.
  public func bias(at position: ScorePosition) -> Double {
    guard (0..<table.shape[1]).contains(position.head) else { return .nan }
    let bucket = bucket(ofDistance: position.distance(alignment: alignment))
    return Double(biases[position.head * table.shape[0] + bucket])
  }

  /// Adds the bias to every score of the tile.
  public func modify(_ tile: ScoreTile) {
    // Distances of the whole tile, from its lowest: each is looked up once, not once a row.
    let lowest = tile.position(query: tile.queries.upperBound - 1, key: tile.keys.lowerBound)
      .distance(alignment: alignment)
    let run = run(
      from: lowest, count: tile.queries.count + tile.keys.count, head: tile.head)
    for query in tile.queries {
      let row = tile.row(of: query)
      let start = tile.queries.upperBound - 1 - query
      for index in row.indices { row[index] += run[start + index] }
    }
  }

  /// Refuses a table for another number of heads.
  ///
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` naming "bias table".
  public func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    guard table.shape[1] == headCount else {
      throw AttentionError.shape(
        argument: "bias table", expected: "[bucket, \(headCount)], a column a head",
        got: table.shape)
    }
  }
}
