/// A mask applied to one sequence of a packed batch: queries and keys are counted within it.
struct SequenceMask {
  /// Where the sequence's queries and keys stand among all packed tokens.
  let queries: Range<Int>
  let keys: Range<Int>
  private let mask: AttentionMask
  /// The keys that no key-padding mask hides at either end.
  private let paddedBounds: Range<Int>

  init(queries: Range<Int>, keys: Range<Int>, mask: AttentionMask) {
    self.queries = queries
    self.keys = keys
    self.mask = mask
    var bounds = 0..<keys.count
    for keep in mask.keys {
      let kept = keep[keys]
      let first = kept.firstIndex(of: true).map { $0 - keys.lowerBound } ?? 0
      let end = kept.lastIndex(of: true).map { $0 - keys.lowerBound + 1 } ?? 0
      bounds = bounds.clamped(to: first..<end)
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
      kept = kept.clamped(
        to: rule.keptKeys(query: query, queryCount: queries.count, keyCount: keys.count))
    }
    return kept
  }

  /// Whether a key within `keptKeys(query:)` is kept for this head.
  func keeps(query: Int, key: Int, head: Int) -> Bool {
    let (row, column) = (queries.lowerBound + query, keys.lowerBound + key)
    for keep in mask.keys where !keep[column] { return false }
    for keep in mask.booleans {
      let extents = keep.shape.dimensions.suffix(2)
      let (rowCount, columnCount) = (extents[extents.startIndex], extents[extents.endIndex - 1])
      let plane = keep.shape.rank == 3 && keep.shape[0] > 1 ? head : 0
      if !keep.elements[(plane * rowCount + row) * columnCount + column] { return false }
    }
    return true
  }
}
