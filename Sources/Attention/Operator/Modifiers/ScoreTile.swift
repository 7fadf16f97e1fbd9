/// A rectangle of scores to change in place: some queries of one head and some keys.
///
/// Rows are queries, columns are keys. The memory belongs to the operator and is valid only during
/// the call that receives the tile.
public struct ScoreTile {
  /// The queries' head.
  public let head: Int
  /// The queries of the rows, counted within the queries of their sequence in this call.
  ///
  /// With a cache, earlier calls may have had queries of the same sequence. `position(query:key:)`
  /// counts from the beginning of the sequence.
  public let queries: Range<Int>
  /// The keys of the columns, counted within the keys of their sequence in this call.
  public let keys: Range<Int>
  /// The number of queries of the sequence in this call.
  public let queryCount: Int
  /// The number of keys of the sequence in this call.
  public let keyCount: Int
  /// The index of the sequence's first query within all packed sequences.
  public let packedQueryStart: Int
  /// The index of the sequence's first key within all packed sequences.
  public let packedKeyStart: Int

  /// The kernels of the backend, for modifiers of this package.
  let kernels: any Kernels
  /// The index of the sequence in the batch.
  let sequence: Int
  @usableFromInline let queryOffset: Int
  @usableFromInline let keyOffset: Int
  @usableFromInline let base: UnsafeMutablePointer<Float>
  @usableFromInline let rowStride: Int

  init(
    head: Int, queries: Range<Int>, keys: Range<Int>, sequence: SequenceMask,
    kernels: any Kernels, base: UnsafeMutablePointer<Float>, rowStride: Int
  ) {
    self.kernels = kernels
    self.head = head
    self.queries = queries
    self.keys = keys
    self.queryCount = sequence.queries.count
    self.keyCount = sequence.keys.count
    self.packedQueryStart = sequence.queries.lowerBound
    self.packedKeyStart = sequence.keys.lowerBound
    self.sequence = sequence.index
    self.queryOffset = sequence.queryOffset
    self.keyOffset = sequence.keyOffset
    self.base = base
    self.rowStride = rowStride
  }

  /// Calls `body` with each query and its row of scores: `row[i]` belongs to the key
  /// `keys.lowerBound + i`.
  @inlinable
  public func forEachRow(_ body: (_ query: Int, _ row: inout MutableSpan<Float>) -> Void) {
    for query in queries {
      var row = row(of: query).mutableSpan
      body(query, &row)
    }
  }

  /// Calls `body` with the row of one query, for example the row of a second tile over the same
  /// queries and keys.
  ///
  /// - Returns: the result of `body`; nil, without calling `body`, if `query` is not one of
  ///   `queries`.
  @inlinable @discardableResult
  public func withRow<Result>(
    of query: Int, _ body: (_ row: inout MutableSpan<Float>) -> Result
  ) -> Result? {
    guard queries.contains(query) else { return nil }
    var row = row(of: query).mutableSpan
    return body(&row)
  }

  /// The position of a score of this tile, for one of `queries` and one of `keys`.
  @inlinable
  public func position(query: Int, key: Int) -> ScorePosition {
    ScorePosition(
      head: head, query: queryOffset + query, key: keyOffset + key,
      queryCount: queryOffset + queryCount, keyCount: keyOffset + keyCount,
      packedQuery: packedQueryStart + query, packedKey: packedKeyStart + key)
  }

  @usableFromInline
  package func row(of query: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: base + (query - queries.lowerBound) * rowStride, count: keys.count)
  }
}
