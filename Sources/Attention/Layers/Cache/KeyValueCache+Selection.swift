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
    try requireSequences(sequences)
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

  private func requireSequences(_ sequences: [Int]) throws {
    guard (1...Self.sequenceLimit).contains(sequences.count) else {
      throw AttentionError.argument(
        "sequences", reason: "expected 1 to \(Self.sequenceLimit), got \(sequences.count)")
    }
    if let outside = sequences.first(where: { !regions.indices.contains($0) }) {
      throw AttentionError.argument(
        "sequences", reason: "\(outside) is not one of the \(sequenceCount) sequences")
    }
  }
}

// MARK: - In place

extension KeyValueCache {
  /// How a cache becomes one of some of its sequences.
  package struct Selection {
    fileprivate var regions: [Region] = []
    /// Into places that nobody has any more.
    fileprivate var moves: [RowMove] = []
    /// Where there is no room for that.
    fileprivate var replacement: KeyValueCache?
  }

  /// What ``select(_:)`` needs to make this cache what ``selecting(_:)`` gives.
  ///
  /// A sequence that stays keeps its place; one that is named again is copied to the place of one that is
  /// not, which costs a step of a beam search some of its copies, and all of its memory from the system.
  ///
  /// - Throws: as ``selecting(_:)``; the cache holds what it held.
  package mutating func selection(of sequences: [Int]) throws -> Selection {
    try requireSequences(sequences)
    var selection = Selection()
    var unused = Set(regions.indices).subtracting(sequences).sorted().map { regions[$0] }
    var end = regions.reduce(0) { max($0, $1.start + $1.capacity) }
    var named = Set<Int>()
    for index in sequences {
      let region = regions[index]
      var place = region
      if !named.insert(index).inserted {
        let count = region.kept.count
        place.held = region.kept
        if let free = unused.firstIndex(where: { $0.capacity >= count }) {
          (place.start, place.capacity) = (unused[free].start, unused[free].capacity)
          unused.remove(at: free)
        } else {
          place.start = end
          end += place.capacity
        }
        selection.moves.append(
          RowMove(from: region.firstKeptRow, to: place.start, count: count))
      }
      selection.regions.append(place)
    }
    // Where nobody has more than half of the memory any more, it goes back to the system.
    let used = selection.regions.reduce(0) { $0 + $1.capacity }
    if end > heldRowCount || 2 * used < heldRowCount {
      selection.replacement = try selecting(sequences)
    } else if !selection.moves.isEmpty {
      try copyRows([])  // who shares the memory parts with it here, where that can still fail
    }
    return selection
  }

  /// Becomes what was selected of it just now.
  package mutating func select(_ selection: Selection) throws {
    if let replacement = selection.replacement {
      self = replacement
    } else {
      if !selection.moves.isEmpty { try copyRows(selection.moves) }
      regions = selection.regions
    }
  }
}
