/// A rectangle of scores, to be changed in place: some queries of one head against some keys.
///
/// Rows are queries, columns keys. The memory belongs to the operator and is valid only during the
/// call that a tile is passed to.
public struct ScoreTile {
  /// The queries' head.
  public let head: Int
  /// The rows' queries, counted among those of their sequence in this call.
  ///
  /// With a cache, earlier calls had queries too; `position(query:key:)` counts from the beginning of
  /// the sequence.
  public let queries: Range<Int>
  /// The columns' keys, counted among those of their sequence in this call.
  public let keys: Range<Int>
  /// How many queries the sequence has in this call.
  public let queryCount: Int
  /// How many keys the sequence has in this call.
  public let keyCount: Int
  /// The first query of the sequence, counted over all packed sequences.
  public let packedQueryStart: Int
  /// The first key of the sequence, counted over all packed sequences.
  public let packedKeyStart: Int

  /// Which of the packed sequences this is.
  let sequence: Int
  @usableFromInline let earlierQueries: Int
  @usableFromInline let droppedKeys: Int
  @usableFromInline let base: UnsafeMutablePointer<Float>
  @usableFromInline let rowStride: Int

  init(
    head: Int, queries: Range<Int>, keys: Range<Int>, sequence: SequenceMask,
    base: UnsafeMutablePointer<Float>, rowStride: Int
  ) {
    self.head = head
    self.queries = queries
    self.keys = keys
    self.queryCount = sequence.queries.count
    self.keyCount = sequence.keys.count
    self.packedQueryStart = sequence.queries.lowerBound
    self.packedKeyStart = sequence.keys.lowerBound
    self.sequence = sequence.index
    self.earlierQueries = sequence.earlierQueries
    self.droppedKeys = sequence.droppedKeys
    self.base = base
    self.rowStride = rowStride
  }

  /// Calls `body` with each query and its row of scores: `row[i]` belongs to key
  /// `keys.lowerBound + i`.
  @inlinable
  public func forEachRow(_ body: (_ query: Int, _ row: inout MutableSpan<Float>) -> Void) {
    for query in queries {
      var row = row(of: query).mutableSpan
      body(query, &row)
    }
  }

  /// Calls `body` with the row of one query: of two tiles over the same queries and keys, the rows of
  /// a query belong together.
  ///
  /// - Returns: what `body` returns; nil, without a call, for a query that is not among `queries`.
  @inlinable @discardableResult
  public func withRow<Result>(
    of query: Int, _ body: (_ row: inout MutableSpan<Float>) -> Result
  ) -> Result? {
    guard queries.contains(query) else { return nil }
    var row = row(of: query).mutableSpan
    return body(&row)
  }

  /// Where a score of this tile stands: its query is one of `queries`, its key one of `keys`.
  @inlinable
  public func position(query: Int, key: Int) -> ScorePosition {
    ScorePosition(
      head: head, query: earlierQueries + query, key: droppedKeys + key,
      queryCount: earlierQueries + queryCount, keyCount: droppedKeys + keyCount,
      packedQuery: packedQueryStart + query, packedKey: packedKeyStart + key)
  }

  /// The row of a query.
  @usableFromInline
  package func row(of query: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: base + (query - queries.lowerBound) * rowStride, count: keys.count)
  }
}
