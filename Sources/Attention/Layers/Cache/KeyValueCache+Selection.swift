extension KeyValueCache {
  /// A cache with the selected sequences, in the given order. Beam search uses this method to keep
  /// the best beams, and batched generation to remove finished texts.
  ///
  /// - Parameter sequences: indices below ``sequenceCount``, at least one. A sequence that is
  ///   listed more than once is copied that many times.
  /// - Throws: `AttentionError.argument` naming "sequences" if there are none or too many, or one
  ///   is out of range; `AttentionError.memory`.
  /// - Complexity: O(tokens of the selected sequences), or O(1) if `sequences` lists all sequences
  ///   in order.
  public func selecting(_ sequences: [Int]) throws -> KeyValueCache {
    try requireSequences(sequences)
    guard sequences != Array(regions.indices) else { return self }

    var selected = self
    var moves: [RowMove] = []
    var end = 0
    selected.regions = sequences.map { index in
      let region = regions[index]
      var place = region
      // Tokens that were dropped are not copied, even if the region still has their rows.
      place.held = region.kept
      place.start = end
      // The same capacity as before, so that the next append does not move everything again.
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
  /// A prepared selection of sequences.
  package struct Selection {
    fileprivate var regions: [Region] = []
    /// Copies into regions that are no longer used.
    fileprivate var moves: [RowMove] = []
    /// A new cache, if the copies do not fit into the existing memory.
    fileprivate var replacement: KeyValueCache?
  }

  /// Prepares ``select(_:)``, which then changes this cache to the result of ``selecting(_:)``.
  ///
  /// The first use of a sequence keeps its region. A repeated sequence is copied to the region of a
  /// sequence that is not selected. A step of beam search then copies less and usually allocates no
  /// memory.
  ///
  /// - Throws: as ``selecting(_:)``; the content of the cache does not change.
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
    // If less than half of the memory would be used, a smaller copy returns the rest to the system.
    let used = selection.regions.reduce(0) { $0 + $1.capacity }
    if end > heldRowCount || 2 * used < heldRowCount {
      selection.replacement = try selecting(sequences)
    } else if !selection.moves.isEmpty {
      try copyRows([])  // copy-on-write happens here, while errors can still be thrown
    }
    return selection
  }

  /// Applies a selection that ``selection(of:)`` has just prepared.
  package mutating func select(_ selection: Selection) throws {
    if let replacement = selection.replacement {
      self = replacement
    } else {
      if !selection.moves.isEmpty { try copyRows(selection.moves) }
      regions = selection.regions
    }
  }
}
