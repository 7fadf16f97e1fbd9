/// Where one score stands: which query of which head meets which key.
///
/// With a cache, queries and keys count from the beginning of their sequence, as if all of it were
/// computed at once; the packed ones count those of this call.
public struct ScorePosition: Sendable, Hashable {
  /// The query's head.
  public var head: Int
  /// The query, counted within its sequence.
  public var query: Int
  /// The key, counted within its sequence.
  public var key: Int
  /// How many queries the sequence has.
  public var queryCount: Int
  /// How many keys the sequence has.
  public var keyCount: Int
  /// The query, counted over all packed sequences.
  public var packedQuery: Int
  /// The key, counted over all packed sequences.
  public var packedKey: Int

  /// A position within packed sequences.
  ///
  /// - Parameters:
  ///   - head: the query's head.
  ///   - query: the query, counted within its sequence.
  ///   - key: the key, counted within its sequence.
  ///   - queryCount: how many queries the sequence has.
  ///   - keyCount: how many keys the sequence has.
  ///   - packedQuery: the query, counted over all packed sequences; nil means `query`, as with only
  ///     one.
  ///   - packedKey: the key, counted over all packed sequences; nil means `key`.
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

  /// How far the key lies behind the query (negative) or ahead of it (positive).
  ///
  /// - Parameter alignment: key − query − (keyCount − queryCount) for `.bottomRight`, where the last
  ///   query stands at the last key; key − query for `.topLeft`, where the first stands at the first.
  @inlinable
  public func distance(alignment: AttentionMask.Alignment = .bottomRight) -> Int {
    // Wrapping: positions that no sequence has are not worth a trap.
    key &- query &- (alignment == .bottomRight ? keyCount &- queryCount : 0)
  }
}
