extension KeyValueCache {
  /// The rows of one sequence: consecutive and in order, so that the operator reads them in place.
  ///
  /// Tokens are counted from the beginning of their sequence. The rows of dropped tokens stay until
  /// their space is needed; until then a rotating cache can be rewound to them.
  struct Region: Sendable {
    var start: Int
    var capacity: Int
    /// The tokens whose rows are in the region; the row of the first one is `start`.
    var held = 0..<0
    /// The first token that queries attend to.
    var firstKept = 0

    /// The number of tokens of the sequence.
    var length: Int { held.upperBound }
    var kept: Range<Int> { firstKept..<held.upperBound }
    var firstKeptRow: Int { row(of: firstKept) }

    func row(of token: Int) -> Int { start + token - held.lowerBound }

    /// The current tokens that are still kept after appending `length` more.
    func kept(appending length: Int, _ policy: Policy) -> Range<Int> {
      guard length > 0, case .rotating(let window) = policy else { return kept }
      return max(firstKept, held.upperBound - (window - 1))..<held.upperBound
    }

    mutating func append(_ length: Int, _ policy: Policy) {
      firstKept = kept(appending: length, policy).lowerBound
      held = held.lowerBound..<held.upperBound + length
    }
  }

  /// A copy of consecutive rows.
  struct RowMove {
    let from: Int
    let to: Int
    let count: Int
  }

  /// The number of new tokens of each sequence.
  ///
  /// - Throws: `AttentionError.shape` naming "keys" or "values"; `AttentionError.argument` naming
  ///   "lengths".
  func stepLengths(_ lengths: [Int]?, keys: Tensor, values: Tensor) throws -> [Int] {
    let (G, D, E) = (keyValueHeadCount, keyDimension, valueDimension)
    guard keys.shape.rank == 3, keys.shape[1] == G, keys.shape[2] == D else {
      throw AttentionError.shape(
        argument: "keys", expected: "[token, \(G), \(D)] as in the cache", got: keys.shape)
    }
    guard values.shape == [keys.shape[0], G, E] else {
      throw AttentionError.shape(
        argument: "values",
        expected: "[\(keys.shape[0]), \(G), \(E)] as in keys \(keys.shape) and the cache",
        got: values.shape)
    }
    return try stepLengths(lengths, total: keys.shape[0], of: "keys")
  }

  /// The validated lengths; if nil, the total divided evenly among the sequences.
  func stepLengths(_ lengths: [Int]?, total: Int, of tokens: String) throws -> [Int] {
    guard let lengths else {
      guard total % sequenceCount == 0 else {
        throw AttentionError.argument(
          "lengths",
          reason: "required, because \(total) tokens of \(tokens) do not divide evenly among "
            + "\(sequenceCount) sequences")
      }
      return Array(repeating: total / sequenceCount, count: sequenceCount)
    }
    guard lengths.count == sequenceCount else {
      throw AttentionError.argument(
        "lengths",
        reason: "expected \(sequenceCount), one per sequence of the cache, got \(lengths.count)")
    }
    _ = try packedRanges(lengths, total: total, name: "lengths", of: tokens)
    return lengths
  }

  /// Makes room for `lengths` more tokens. Kept tokens stay kept, but their rows may move.
  ///
  /// If a region is full, its kept tokens move to the front of the region if that makes enough
  /// room. Otherwise the region moves to a larger one after all others. If the tensors have no room
  /// for a larger region, all regions move to new tensors. A full region that is more than four
  /// times as large as needed, as after a long prompt in a rotating cache, is replaced by a smaller
  /// one in new tensors.
  mutating func reserve(_ lengths: [Int]) throws {
    var layout = regions
    var end = regions.map { $0.start + $0.capacity }.max() ?? 0
    var moves: [RowMove] = []
    var shrinks = false
    for (index, length) in lengths.enumerated() {
      let region = regions[index]
      guard length > region.capacity - region.held.count else { continue }
      let needed = region.kept.count + length
      let wanted: Int
      switch policy {
      case .fixed(let capacity):
        throw AttentionError.argument(
          "capacity",
          reason: "sequence \(index) has \(region.length) tokens and no room for \(length) more: "
            + "\(needed) tokens exceed the capacity of \(capacity)")
      case .growing: wanted = needed + needed
      case .rotating(let window): wanted = needed + min(needed, window)
      }
      layout[index].held = region.kept
      let isTooLarge = region.capacity / 4 > wanted
      if needed > region.capacity || isTooLarge {
        layout[index].start = end
        layout[index].capacity = wanted
        end += wanted
        shrinks = shrinks || isTooLarge
      }
      moves.append(
        RowMove(
          from: region.firstKeptRow, to: layout[index].start, count: region.kept.count))
    }
    guard !moves.isEmpty else { return }
    if shrinks || end > keys.shape[0] {
      try moveAll(to: &layout)
    } else {
      try copyRows(moves)
    }
    regions = layout
  }

  /// Copies rows within the tensors; copies the tensors first if they are shared.
  mutating func copyRows(_ moves: [RowMove]) throws {
    try withUnsafeMutableRows { keys, values in
      for (rows, width) in [keys, values] {
        for move in moves {
          (rows + move.to * width)
            .update(from: rows + move.from * width, count: move.count * width)
        }
      }
    }
  }

  /// Moves all regions to new tensors, in the order of the sequences.
  private mutating func moveAll(to layout: inout [Region]) throws {
    var moves: [RowMove] = []
    var end = 0
    for index in layout.indices {
      let held = layout[index].held
      moves.append(
        RowMove(from: regions[index].row(of: held.lowerBound), to: end, count: held.count))
      layout[index].start = end
      end += layout[index].capacity
    }
    // Extra rows at the end, for sequences that grow unevenly: the next region that is full moves
    // there. Without them, every region that becomes full would move all regions.
    let rowCount = sequenceCount == 1 ? end : end + end / 2
    let newKeys = try keys.moving(moves, rowCount: rowCount)
    values = try values.moving(moves, rowCount: rowCount)
    keys = newKeys
  }

  /// Writes new tokens after the existing ones. The regions must have room for them.
  mutating func write(keys: Tensor, values: Tensor, lengths: [Int]) throws {
    guard keys.shape[0] > 0 else { return }
    let regions = regions
    try withUnsafeMutableRows { keyRows, valueRows in
      for (tensor, target) in [(keys, keyRows), (values, valueRows)] {
        let (rows, width) = target
        tensor.withUnsafeBase { source in
          var token = 0
          for (region, length) in zip(regions, lengths) {
            (rows + region.row(of: region.length) * width)
              .update(from: source + token * width, count: length * width)
            token += length
          }
        }
      }
    }
  }

  /// The number of rows that are allocated, used or not.
  package var heldRowCount: Int { keys.shape[0] }

  /// The first row of a tensor, and the number of scalars per row.
  private typealias Rows = (base: UnsafeMutablePointer<Float>, width: Int)

  /// Calls `body` with the rows of both tensors, which `body` may change in place. Copies the
  /// tensors first if they are shared.
  private mutating func withUnsafeMutableRows(_ body: (Rows, Rows) -> Void) throws {
    let (keyWidth, valueWidth) = (
      keyValueHeadCount * keyDimension, keyValueHeadCount * valueDimension
    )
    try keys.withUnsafeMutableScalars { keys in
      try values.withUnsafeMutableScalars { values in
        guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
        body((keys, keyWidth), (values, valueWidth))
      }
    }
  }
}

extension Tensor {
  /// A new tensor `[row, head, dimension]` of `rowCount` rows, with the given rows copied into it.
  func moving(_ moves: [KeyValueCache.RowMove], rowCount: Int) throws -> Tensor {
    let width = shape[1] * shape[2]
    return try Tensor(shape: [rowCount, shape[1], shape[2]]) { new in
      try withUnsafeBase { old in
        guard let new = new.baseAddress else { return }
        for move in moves {
          try (new + move.to * width)
            .initializeChecked(from: old + move.from * width, count: move.count * width)
        }
      }
    }
  }
}
