/// The position of one score: head, query and key.
///
/// With a cache, `query` and `key` count from the beginning of the sequence, as if the whole
/// sequence were computed at once. `packedQuery` and `packedKey` count the queries and keys of this
/// call.
public struct ScorePosition: Sendable, Hashable {
  /// The query's head.
  public var head: Int
  /// The index of the query within its sequence.
  public var query: Int
  /// The index of the key within its sequence.
  public var key: Int
  /// The number of queries of the sequence.
  public var queryCount: Int
  /// The number of keys of the sequence.
  public var keyCount: Int
  /// The index of the query within all packed sequences.
  public var packedQuery: Int
  /// The index of the key within all packed sequences.
  public var packedKey: Int

  /// A position within packed sequences.
  ///
  /// - Parameters:
  ///   - head: the query's head.
  ///   - query: the index of the query within its sequence.
  ///   - key: the index of the key within its sequence.
  ///   - queryCount: the number of queries of the sequence.
  ///   - keyCount: the number of keys of the sequence.
  ///   - packedQuery: the index of the query within all packed sequences; nil means `query`, for a
  ///     single sequence.
  ///   - packedKey: the index of the key within all packed sequences; nil means `key`.
  public init(
    head: Int, query: Int, key: Int, queryCount: Int, keyCount: Int, packedQuery: Int? = nil,
    packedKey: Int? = nil
  ) {
    self.head = head
    self.query = query
    self.key = key
    self.queryCount = queryCount
    self.keyCount = keyCount
    self.packedQuery = packedQuery ?? query
    self.packedKey = packedKey ?? key
  }

  /// The distance from the query to the key: negative for a key before the query, positive for a
  /// key after it.
  ///
  /// - Parameter alignment: for `.bottomRight`, the last query is aligned with the last key: key −
  ///   query − (keyCount − queryCount). For `.topLeft`, the first query is aligned with the first
  ///   key: key − query.
  @inlinable
  public func distance(alignment: AttentionMask.Alignment = .bottomRight) -> Int {
    // Wrapping arithmetic: positions that cannot occur in a sequence must not trap.
    key &- query &- (alignment == .bottomRight ? keyCount &- queryCount : 0)
  }
}
