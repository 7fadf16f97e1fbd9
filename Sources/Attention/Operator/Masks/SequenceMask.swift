/// One sequence of a packed batch, and the mask applied to it: queries and keys are counted within it.
///
/// With a cache, the queries and keys at hand are the last of their sequence, and rules and positions
/// count from its beginning: `earlierQueries` and `droppedKeys` are what is missing there.
struct SequenceMask {
  /// Which of the packed sequences this is.
  let index: Int
  /// Where the sequence's queries and keys stand among all packed tokens.
  let queries: Range<Int>
  let keys: Range<Int>
  /// The row of the key and value tensors that holds the sequence's first key.
  let firstKeyRow: Int
  /// How many queries of the sequence came before these.
  let earlierQueries: Int
  /// How many keys of the sequence came before these.
  let droppedKeys: Int
  private let mask: AttentionMask
  /// The keys that no key-padding mask hides at either end.
  private let paddedBounds: Range<Int>

  init(
    index: Int, queries: Range<Int>, keys: Range<Int>, firstKeyRow: Int, earlierQueries: Int = 0,
    droppedKeys: Int = 0, mask: AttentionMask
  ) {
    self.index = index
    self.queries = queries
    self.keys = keys
    self.firstKeyRow = firstKeyRow
    self.earlierQueries = earlierQueries
    self.droppedKeys = droppedKeys
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

  /// Whether keys inside `keptKeys(query:)` may still be hidden, one by one.
  var hidesSingleKeys: Bool { !mask.booleans.isEmpty || !mask.keys.isEmpty }

  /// Whether anything may be hidden at all.
  var hidesAnything: Bool { hidesSingleKeys || !mask.rules.isEmpty }

  /// The run of keys outside which every key is hidden from the query. Neither bound decreases with
  /// the query.
  func keptKeys(query: Int) -> Range<Int> {
    var kept = paddedBounds
    for rule in mask.rules {
      // What is clamped must be the rule's range: an empty result then still lies among the keys.
      kept = rule.keptKeys(
        query: earlierQueries + query, queryCount: earlierQueries + queries.count,
        keyCount: droppedKeys + keys.count
      ).shifted(by: -droppedKeys).clamped(to: kept)
    }
    return kept
  }

  /// Whether a key within `keptKeys(query:)` is kept for this head.
  func keeps(query: Int, key: Int, head: Int) -> Bool {
    let (row, column) = (queries.lowerBound + query, keys.lowerBound + key)
    return mask.keys.allSatisfy { $0[column] }
      && mask.booleans.allSatisfy {
        $0.elements[planeRowStart(in: $0.shape, head: head, query: row) + column]
      }
  }

  /// Sets every number of the tile whose score is hidden to `value`, whatever it was.
  func hide(_ tile: ScoreTile, with value: Float = -.infinity) {
    guard hidesAnything else { return }
    for query in tile.queries {
      let row = tile.row(of: query)
      let kept = keptKeys(query: query).clamped(to: tile.keys)
      row[..<(kept.lowerBound - tile.keys.lowerBound)].update(repeating: value)
      row[(kept.upperBound - tile.keys.lowerBound)...].update(repeating: value)
      guard hidesSingleKeys else { continue }
      // The same as `keeps(query:key:head:)`, a mask's row at a time.
      let (first, column) = (tile.keys.lowerBound, keys.lowerBound)
      for keep in mask.keys {
        for key in kept where !keep[column + key] { row[key - first] = value }
      }
      for keep in mask.booleans {
        let start =
          planeRowStart(in: keep.shape, head: tile.head, query: queries.lowerBound + query)
          + column
        for key in kept where !keep.elements[start + key] { row[key - first] = value }
      }
    }
  }

  /// The keys outside which every key is hidden from each of these queries.
  func keptKeys(queries: Range<Int>) -> Range<Int> {
    guard let first = queries.first, let last = queries.last else { return 0..<0 }
    let (lowest, highest) = (keptKeys(query: first), keptKeys(query: last))
    return lowest.lowerBound..<max(lowest.lowerBound, highest.upperBound)
  }

  /// Where a score of this sequence stands.
  func position(head: Int, query: Int, key: Int) -> ScorePosition {
    ScorePosition(
      head: head, query: earlierQueries + query, key: droppedKeys + key,
      queryCount: earlierQueries + queries.count, keyCount: droppedKeys + keys.count,
      packedQuery: queries.lowerBound + query, packedKey: keys.lowerBound + key)
  }
}
