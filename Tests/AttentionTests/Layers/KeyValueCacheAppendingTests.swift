import TestSupport
import Testing

@testable import Attention

@Suite struct KeyValueCacheAppendingTests {
  static let policies = [
    KeyValueCache.Policy.growing, .fixed(capacity: 40), .rotating(window: 3),
  ]

  private func cache(_ count: Int, _ policy: KeyValueCache.Policy) throws -> KeyValueCache {
    try KeyValueCache(
      sequenceCount: count, keyValueHeadCount: 2, keyDimension: 3, valueDimension: 5,
      policy: policy)
  }

  private func append(_ lengths: [Int], to cache: inout KeyValueCache, seed: UInt64) throws {
    let count = lengths.reduce(0, +)
    try cache.append(
      keys: ModifierTests.noise([count, 2, 3], seed: seed),
      values: ModifierTests.noise([count, 2, 5], seed: seed + 1_000), lengths: lengths)
  }

  private func content(_ cache: KeyValueCache) throws -> [Float] {
    let (keys, values) = try cache.packed()
    return keys.scalars + values.scalars
  }

  /// The content of two caches as that of one: all keys, then all values.
  private func content(_ first: KeyValueCache, _ second: KeyValueCache) throws -> [Float] {
    let parts = (try first.packed(), try second.packed())
    return parts.0.keys.scalars + parts.1.keys.scalars + parts.0.values.scalars
      + parts.1.values.scalars
  }

  @Test(arguments: policies)
  func `a joined cache has the tokens of both caches and accepts new tokens`(
    policy: KeyValueCache.Policy
  ) throws {
    for (firstLengths, secondLengths) in [
      ([4, 2], [5]), ([4, 2], [0]), ([0, 0], [5]), ([0, 0], [0]),
    ] {
      var (first, second) = (try cache(2, policy), try cache(1, policy))
      try append(firstLengths, to: &first, seed: 1)
      try append(secondLengths, to: &second, seed: 2)
      var joined = try first.appending(second)
      #expect(joined.lengths == first.lengths + second.lengths)
      #expect(try content(joined) == content(first, second))

      for step in 0..<6 as Range<UInt64> {
        let new = ([Int(step % 3), 1], [Int(step % 2)])
        var (firstNext, secondNext) = (first, second)
        try append(new.0, to: &firstNext, seed: 10 + step)
        try append(new.1, to: &secondNext, seed: 20 + step)
        let (firstKeys, secondKeys) = (
          try ModifierTests.noise([new.0.reduce(0, +), 2, 3], seed: 10 + step),
          try ModifierTests.noise([new.1.reduce(0, +), 2, 3], seed: 20 + step)
        )
        let (firstValues, secondValues) = (
          try ModifierTests.noise([new.0.reduce(0, +), 2, 5], seed: 1_010 + step),
          try ModifierTests.noise([new.1.reduce(0, +), 2, 5], seed: 1_020 + step)
        )
        let count = firstKeys.shape[0] + secondKeys.shape[0]
        try joined.append(
          keys: Tensor(shape: [count, 2, 3], scalars: firstKeys.scalars + secondKeys.scalars),
          values: Tensor(
            shape: [count, 2, 5], scalars: firstValues.scalars + secondValues.scalars),
          lengths: new.0 + new.1)
        (first, second) = (firstNext, secondNext)
        #expect(try content(joined) == content(first, second), "\(policy) step \(step)")
      }
    }
  }

  @Test func `a cache with other heads, dimensions or policy is refused with both values`() throws {
    let growing = try cache(1, .growing)
    let others = [
      try KeyValueCache(keyValueHeadCount: 3, keyDimension: 3, valueDimension: 5),
      try KeyValueCache(keyValueHeadCount: 2, keyDimension: 4, valueDimension: 5),
      try KeyValueCache(keyValueHeadCount: 2, keyDimension: 3, valueDimension: 6),
      try cache(1, .rotating(window: 3)),
    ]
    for other in others {
      let text = failureText { try growing.appending(other) }
      #expect(text.hasPrefix("cache: expected 2 heads of 3 and 5"), "\(text)")
      #expect(text.contains("got \(other.keyValueHeadCount) heads of \(other.keyDimension)"))
    }
  }
}

extension KeyValueCache {
  /// A contiguous copy of the kept keys and values.
  fileprivate func packed() throws -> (keys: Tensor, values: Tensor) {
    func packed(_ tensor: Tensor) throws -> Tensor {
      let parts = try regions.map {
        try tensor.rows($0.firstKeptRow..<$0.firstKeptRow + $0.kept.count)
      }
      return try Tensor(
        shape: [parts.reduce(0) { $0 + $1.shape[0] }, tensor.shape[1], tensor.shape[2]],
        scalars: parts.flatMap(\.scalars))
    }
    return (try packed(keys), try packed(values))
  }
}
