extension KeyValueCache {
  /// A cache of some of the sequences, in the given order: what a beam search keeps, or what is left
  /// of a batch when some of its texts have ended.
  ///
  /// - Parameter sequences: indices below ``sequenceCount``, at least one; a sequence that is named
  ///   more than once is copied as often.
  /// - Throws: `AttentionError.argument` naming "sequences" for none, too many, or one that is out of
  ///   range; `AttentionError.memory`.
  /// - Complexity: O(tokens held by the selected sequences), or O(1) where that is all of them in order.
  public func selecting(_ sequences: [Int]) throws -> KeyValueCache {
    guard (1...Self.sequenceLimit).contains(sequences.count) else {
      throw AttentionError.argument(
        "sequences", reason: "expected 1 to \(Self.sequenceLimit), got \(sequences.count)")
    }
    if let outside = sequences.first(where: { !regions.indices.contains($0) }) {
      throw AttentionError.argument(
        "sequences", reason: "\(outside) is not one of the \(sequenceCount) sequences")
    }
    guard sequences != Array(regions.indices) else { return self }

    var selected = self
    var moves: [RowMove] = []
    var end = 0
    selected.regions = sequences.map { index in
      let region = regions[index]
      var place = region
      // What was dropped but is still held stays behind.
      place.held = region.kept
      place.start = end
      // Room for as many tokens as there was, so that the next one does not move everything again.
      place.capacity = max(region.capacity, region.kept.count)
      moves.append(RowMove(from: region.firstKeptRow, to: end, count: region.kept.count))
      end += place.capacity
      return place
    }
    selected.keys = try keys.moving(moves, rowCount: end)
    selected.values = try values.moving(moves, rowCount: end)
    return selected
  }
}
