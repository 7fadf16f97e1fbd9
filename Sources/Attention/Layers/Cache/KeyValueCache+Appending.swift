extension KeyValueCache {
  /// A cache with the sequences of this cache, followed by the sequences of `other`. Used when prompts join a
  /// batch that is being decoded.
  ///
  /// - Throws: `AttentionError.argument` naming "cache" if the heads, dimensions or policies differ;
  ///   `AttentionError.memory`.
  /// - Complexity: O(rows of both caches), or O(sequences) if one of them has no rows yet.
  package func appending(_ other: KeyValueCache) throws -> KeyValueCache {
    guard
      other.keyValueHeadCount == keyValueHeadCount, other.keyDimension == keyDimension,
      other.valueDimension == valueDimension, other.policy == policy
    else {
      throw AttentionError.argument(
        "cache",
        reason: "expected \(keyValueHeadCount) heads of \(keyDimension) and \(valueDimension), "
          + "\(policy), got \(other.keyValueHeadCount) heads of \(other.keyDimension) and "
          + "\(other.valueDimension), \(other.policy)")
    }
    guard sequenceCount + other.sequenceCount <= Self.sequenceLimit else {
      throw AttentionError.argument(
        "sequenceCount",
        reason: "expected at most \(Self.sequenceLimit), "
          + "got \(sequenceCount + other.sequenceCount)")
    }
    var joined = self
    joined.regions += other.regions.map { region in
      var region = region
      region.start += heldRowCount
      return region
    }
    if heldRowCount == 0 {
      (joined.keys, joined.values) = (other.keys, other.values)
    } else if other.heldRowCount > 0 {
      joined.keys = try keys.appendingRows(of: other.keys)
      joined.values = try values.appendingRows(of: other.values)
    }
    return joined
  }
}

extension Tensor {
  /// The rows of both tensors, `[row, head, dimension]`. The shapes differ only in the number of rows.
  fileprivate func appendingRows(of other: Tensor) throws -> Tensor {
    try Tensor(shape: [shape[0] + other.shape[0], shape[1], shape[2]]) { rows in
      guard let base = rows.baseAddress else { return }
      try withUnsafeBase { try base.initializeChecked(from: $0, count: count) }
      try other.withUnsafeBase {
        try (base + count).initializeChecked(from: $0, count: other.count)
      }
    }
  }
}
