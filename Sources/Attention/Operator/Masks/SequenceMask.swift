/// One sequence of a packed batch with its mask. Queries and keys are counted within the sequence.
///
/// With a cache, the queries and keys of this call are the last ones of the sequence, but rules and
/// positions count from its beginning. `queryOffset` and `keyOffset` are the numbers of earlier
/// queries and keys, which are not in this call.
struct SequenceMask {
  /// The index of this sequence in the batch.
  let index: Int
  /// The ranges of the sequence's queries and keys within all packed tokens.
  let queries: Range<Int>
  let keys: Range<Int>
  /// The row of the key and value tensors that holds the sequence's first key.
  let firstKeyRow: Int
  /// The number of queries of the sequence before the queries of this call.
  let queryOffset: Int
  /// The number of keys of the sequence before the keys of this call.
  let keyOffset: Int
  private let mask: AttentionMask
  /// The range of keys, without the keys at either end that a key-padding mask hides.
  private let paddedBounds: Range<Int>

  init(
    index: Int, queries: Range<Int>, keys: Range<Int>, firstKeyRow: Int, queryOffset: Int = 0,
    keyOffset: Int = 0, mask: AttentionMask
  ) {
    self.index = index
    self.queries = queries
    self.keys = keys
    self.firstKeyRow = firstKeyRow
    self.queryOffset = queryOffset
    self.keyOffset = keyOffset
    self.mask = mask
    var bounds = 0..<keys.count
    for keep in mask.keys {
      let kept = keep[keys]
      let first = kept.firstIndex(of: true).map { $0 - keys.lowerBound } ?? 0
      let end = kept.lastIndex(of: true).map { $0 - keys.lowerBound + 1 } ?? 0
      bounds = (first..<end).clamped(to: bounds)
    }
    self.paddedBounds = bounds
  }

  var hidesAnything: Bool {
    !mask.rules.isEmpty || !mask.booleans.isEmpty || !mask.keys.isEmpty
  }

  /// The range outside of which every key is hidden from the query. Neither bound decreases as
  /// `query` increases.
  func keptKeys(query: Int) -> Range<Int> {
    var kept = paddedBounds
    for rule in mask.rules {
      // Clamp the rule's range to `kept`, not the reverse: an empty result then still lies within
      // the keys.
      kept = rule.keptKeys(
        query: queryOffset + query, queryCount: queryOffset + queries.count,
        keyCount: keyOffset + keys.count
      ).shifted(by: -keyOffset).clamped(to: kept)
    }
    return kept
  }

  /// Whether the head keeps a key within `keptKeys(query:)`.
  func keeps(query: Int, key: Int, head: Int) -> Bool {
    let (row, column) = (queries.lowerBound + query, keys.lowerBound + key)
    return mask.keys.allSatisfy { $0[column] }
      && mask.booleans.allSatisfy {
        $0.elements[planeRowStart(in: $0.shape, head: head, query: row) + column]
      }
  }

  /// Sets every hidden score of the tile to `value`.
  func hide(_ tile: ScoreTile, with value: Float = -.infinity) {
    hideByRules(tile, with: value)
    // The same as `keeps(query:key:head:)`, for whole rows.
    let column = keys.lowerBound + tile.keys.lowerBound
    for keep in mask.keys {
      hide(tile, keeping: keep, start: column, rowStride: 0, with: value)
    }
    for keep in mask.booleans {
      let start = planeRowStart(
        in: keep.shape, head: tile.head, query: queries.lowerBound + tile.queries.lowerBound)
      hide(
        tile, keeping: keep.elements, start: start + column,
        rowStride: keep.shape[keep.shape.rank - 1], with: value)
    }
  }

  /// Hides the keys outside of `keptKeys(query:)`.
  private func hideByRules(_ tile: ScoreTile, with value: Float) {
    guard !mask.rules.isEmpty, let first = tile.queries.first, let last = tile.queries.last
    else { return }
    // Neither bound decreases as the query increases, so all queries keep the keys from the last
    // query's lower bound to the first query's upper bound.
    guard
      keptKeys(query: last).lowerBound > tile.keys.lowerBound
        || keptKeys(query: first).upperBound < tile.keys.upperBound
    else { return }
    for query in tile.queries {
      let row = tile.row(of: query)
      let kept = keptKeys(query: query).clamped(to: tile.keys)
      row[..<(kept.lowerBound - tile.keys.lowerBound)].update(repeating: value)
      row[(kept.upperBound - tile.keys.lowerBound)...].update(repeating: value)
    }
  }

  /// Hides the keys at which `keep` is false. The tile's first row begins at `start`, and each
  /// further row begins `rowStride` after the previous one.
  private func hide(
    _ tile: ScoreTile, keeping keep: [Bool], start: Int, rowStride: Int, with value: Float
  ) {
    keep.withUnsafeBufferPointer { keep in
      guard let base = keep.baseAddress else { return }
      for (index, query) in tile.queries.enumerated() {
        tile.kernels.hide(
          tile.row(of: query), keeping: base + (start + index * rowStride), with: value)
      }
    }
  }

  /// The range outside of which every key is hidden from all of these queries.
  func keptKeys(queries: Range<Int>) -> Range<Int> {
    guard let first = queries.first, let last = queries.last else { return 0..<0 }
    let (lowest, highest) = (keptKeys(query: first), keptKeys(query: last))
    return lowest.lowerBound..<max(lowest.lowerBound, highest.upperBound)
  }

  /// The position of a score of this sequence.
  func position(head: Int, query: Int, key: Int) -> ScorePosition {
    ScorePosition(
      head: head, query: queryOffset + query, key: keyOffset + key,
      queryCount: queryOffset + queries.count, keyCount: keyOffset + keys.count,
      packedQuery: queries.lowerBound + query, packedKey: keys.lowerBound + key)
  }
}
