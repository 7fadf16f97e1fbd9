import TestSupport
import Testing

@testable import Attention

/// Selecting sequences in place gives the same result as copying them.
@Suite struct KeyValueCacheSelectionTests {
  static let policies = [
    KeyValueCache.Policy.growing, .fixed(capacity: 400), .rotating(window: 5),
  ]

  /// The kept keys and values of each sequence, keys first.
  private func content(_ cache: KeyValueCache) throws -> [[Float]] {
    try cache.regions.map { region in
      let rows = region.firstKeptRow..<region.firstKeptRow + region.kept.count
      return try cache.keys.rows(rows).scalars + cache.values.rows(rows).scalars
    }
  }

  private func tokens(_ count: Int, seed: UInt64) throws -> (keys: Tensor, values: Tensor) {
    (
      try ModifierTests.noise([count, 2, 3], seed: seed),
      try ModifierTests.noise([count, 2, 5], seed: seed + 1_000)
    )
  }

  @Test(arguments: policies)
  func `a selection in place equals a copy of the selected sequences`(
    policy: KeyValueCache.Policy
  ) throws {
    var generator = SeededGenerator(seed: 12)
    for seed in 0..<60 as Range<UInt64> {
      var count = Int.random(in: 1...6, using: &generator)
      var cache = try KeyValueCache(
        sequenceCount: count, keyValueHeadCount: 2, keyDimension: 3, valueDimension: 5,
        policy: policy)
      // Another owner of the memory must not see the changes.
      var (shared, before) = (cache, try content(cache))
      for step in 0..<12 as Range<UInt64> {
        let lengths = (0..<count).map { _ in Int.random(in: 0...3, using: &generator) }
        let new = try tokens(lengths.reduce(0, +), seed: 100 * seed + step)
        try cache.append(keys: new.keys, values: new.values, lengths: lengths)
        if step == 6 { (shared, before) = (cache, try content(cache)) }

        let next = Int.random(in: 1...6, using: &generator)
        let sequences = (0..<next).map { _ in Int.random(in: 0..<count, using: &generator) }
        let copy = try cache.selecting(sequences)
        let selection = try cache.selection(of: sequences)
        try cache.select(selection)
        try #require(cache.lengths == copy.lengths && cache.keptLengths == copy.keptLengths)
        let (found, expected) = (try content(cache), try content(copy))
        try #require(found == expected)
        count = next
      }
      let after = try content(shared)
      #expect(after == before)
    }
  }

  @Test func `selected sequences keep their memory, and the memory of others is reused`() throws {
    var cache = try KeyValueCache(
      sequenceCount: 4, keyValueHeadCount: 2, keyDimension: 3, valueDimension: 5)
    let new = try tokens(80, seed: 1)
    try cache.append(keys: new.keys, values: new.values)
    let rowCount = cache.heldRowCount
    for sequences in [[3, 2, 1, 0], [0, 0, 2, 2], [1, 1, 1, 1], [0, 1, 2]] {
      let selection = try cache.selection(of: sequences)
      try cache.select(selection)
      #expect(cache.heldRowCount == rowCount)
    }
    // Selecting one of three sequences frees the memory of the others.
    let selection = try cache.selection(of: [2])
    try cache.select(selection)
    #expect(cache.heldRowCount < rowCount / 2)
  }

  @Test func `sequences that are removed one by one free their memory`() throws {
    var cache = try KeyValueCache(
      sequenceCount: 16, keyValueHeadCount: 2, keyDimension: 3, valueDimension: 5)
    let new = try tokens(16 * 20, seed: 1)
    try cache.append(keys: new.keys, values: new.values)
    let rowCount = cache.heldRowCount
    while cache.sequenceCount > 1 {
      let selection = try cache.selection(of: Array(1..<cache.sequenceCount))
      try cache.select(selection)
      #expect(cache.heldRowCount <= max(rowCount * cache.sequenceCount / 16 * 2, rowCount / 8))
    }
  }

  @Test func `an invalid selection is rejected and does not change the cache`() throws {
    var cache = try KeyValueCache(
      sequenceCount: 2, keyValueHeadCount: 2, keyDimension: 3, valueDimension: 5)
    let new = try tokens(4, seed: 1)
    try cache.append(keys: new.keys, values: new.values)
    let before = try content(cache)
    for sequences in [[], [2], [0, -1], [.max]] {
      let text = failureText { _ = try cache.selection(of: sequences) }
      #expect(text.contains("sequences: "), "\(text)")
    }
    let after = try content(cache)
    #expect(after == before)
  }
}
