import Attention
import TestSupport
import Testing

/// Errors of a cache. They must not change the cache.
@Suite struct KeyValueCacheErrorTests {
  static func tokens(_ count: Int, heads: Int = 2, dimension: Int = 8) throws -> Tensor {
    try Tensor(shape: [count, heads, dimension], repeating: 1)
  }

  static func cache(
    _ policy: KeyValueCache.Policy = .growing, sequenceCount: Int = 2
  ) throws -> KeyValueCache {
    try KeyValueCache(
      sequenceCount: sequenceCount, keyValueHeadCount: 2, keyDimension: 8, policy: policy)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let call: @Sendable (inout KeyValueCache) throws -> Void
    let words: [String]
    var testDescription: String { words.joined(separator: ", ") }

    init(_ words: String..., call: @escaping @Sendable (inout KeyValueCache) throws -> Void) {
      self.words = words
      self.call = call
    }
  }

  /// Calls on a cache of lengths [3, 1], with a capacity of 4 per sequence or a window of 2.
  static let refusals: [Refusal] = [
    Refusal("keys", "[token, 2, 8]", "[2, 1, 8]") {
      try $0.append(keys: tokens(2, heads: 1), values: tokens(2, heads: 1))
    },
    Refusal("keys", "[token, 2, 8]", "[2, 2, 7]") {
      try $0.append(keys: tokens(2, dimension: 7), values: tokens(2))
    },
    Refusal("keys", "[token, 2, 8]", "[16]") {
      try $0.append(keys: Tensor(shape: [16], repeating: 0), values: tokens(1))
    },
    Refusal("values", "[2, 2, 8]", "[3, 2, 8]") {
      try $0.append(keys: tokens(2), values: tokens(3))
    },
    Refusal("values", "[2, 2, 8]", "[2, 2, 9]") {
      try $0.append(keys: tokens(2), values: tokens(2, dimension: 9))
    },
    Refusal("lengths", "3 tokens", "2 sequences") {
      try $0.append(keys: tokens(3), values: tokens(3))
    },
    Refusal("lengths", "expected 2", "got 1") {
      try $0.append(keys: tokens(1), values: tokens(1), lengths: [1])
    },
    Refusal("lengths", "-1") {
      try $0.append(keys: tokens(1), values: tokens(1), lengths: [2, -1])
    },
    Refusal("lengths", "add up to 2", "3") {
      try $0.append(keys: tokens(3), values: tokens(3), lengths: [1, 1])
    },
    Refusal("lengths", "overflow") {
      try $0.append(keys: tokens(1), values: tokens(1), lengths: [.max, .max])
    },
    Refusal("lengths", "-1") { _ = try $0.keptLengths(appending: [0, -1]) },
    Refusal("overflow", "\(Int.max)") { _ = try $0.keptLengths(appending: [0, .max]) },
    Refusal("sequence", "2") { try $0.rewind(sequence: 2, to: 0) },
    Refusal("sequence", "-1") { try $0.rewind(sequence: -1, to: 0) },
    Refusal("length", "4", "0...3") { try $0.rewind(sequence: 0, to: 4) },
    Refusal("length", "-1", "0...3") { try $0.rewind(sequence: 0, to: -1) },
    Refusal("queries", "2 heads", "[2, 3, 8]") {
      _ = try attention(queries: tokens(2, heads: 3), cache: $0)
    },
    Refusal("queries", "[token, 2, 8]", "[2, 2, 9]") {
      _ = try attention(queries: tokens(2, dimension: 9), cache: $0)
    },
    Refusal("queries", "[2, 0, 8]") { _ = try attention(queries: tokens(2, heads: 0), cache: $0) },
    Refusal("queries", "[16]") {
      _ = try attention(queries: Tensor(shape: [16], repeating: 0), cache: $0)
    },
    Refusal("lengths", "3 tokens", "2 sequences") {
      _ = try attention(queries: tokens(3), cache: $0)
    },
    Refusal("lengths", "expected 2", "got 3") {
      _ = try attention(
        queries: tokens(2), cache: $0, options: AttentionOptions(lengths: [1, 1, 0]))
    },
    Refusal("lengths", "-1") {
      _ = try attention(queries: tokens(1), cache: $0, options: AttentionOptions(lengths: [2, -1]))
    },
    Refusal("keyLengths") {
      _ = try attention(
        queries: tokens(2), cache: $0, options: AttentionOptions(keyLengths: [3, 1]))
    },
    Refusal("mask", "got 9") {
      _ = try attention(
        queries: tokens(2), cache: $0,
        options: AttentionOptions(mask: .keys(Array(repeating: true, count: 9))))
    },
    Refusal("bias", "[2, 9]") {
      _ = try attention(
        queries: tokens(2), cache: $0,
        options: AttentionOptions(bias: Tensor(shape: [2, 9], repeating: 0)))
    },
  ]

  @Test(
    arguments: refusals,
    [KeyValueCache.Policy.growing, .fixed(capacity: 4), .rotating(window: 2)])
  func `a wrong argument is named in the error and does not change the cache`(
    refusal: Refusal, policy: KeyValueCache.Policy
  ) throws {
    var cache = try Self.cache(policy)
    try cache.append(keys: Self.tokens(4), values: Self.tokens(4), lengths: [3, 1])
    let kept = cache.keptLengths
    let text = failureText { try refusal.call(&cache) }
    for word in refusal.words { #expect(text.contains(word), "\(text)") }
    #expect(cache.lengths == [3, 1] && cache.keptLengths == kept)
  }

  @Test func `a full cache does not change, and the error names the capacity`() throws {
    var cache = try Self.cache(.fixed(capacity: 4))
    let (keys, values) = (
      try ModifierTests.noise([7, 2, 8], seed: 1), try ModifierTests.noise([7, 2, 8], seed: 2)
    )
    try cache.append(keys: keys, values: values, lengths: [4, 3])
    let before = try attention(queries: Self.tokens(2), cache: cache).output
    // The second sequence has room and the first has none, so neither gets a token.
    let text = failureText {
      try cache.append(keys: Self.tokens(2), values: Self.tokens(2), lengths: [1, 1])
    }
    #expect(text.contains("capacity") && text.contains("5") && text.contains("4"), "\(text)")
    #expect(cache.lengths == [4, 3])
    #expect(try attention(queries: Self.tokens(2), cache: cache).output == before)
    try cache.append(keys: Self.tokens(1), values: Self.tokens(1), lengths: [0, 1])
    try cache.rewind(sequence: 0, to: 2)
    try cache.append(keys: Self.tokens(2), values: Self.tokens(2), lengths: [2, 0])
    #expect(cache.lengths == [4, 4])
  }

  @Test func `a capacity of 0 accepts an append of no tokens`() throws {
    var cache = try Self.cache(.fixed(capacity: 0))
    try cache.append(keys: Self.tokens(0), values: Self.tokens(0))
    let text = failureText {
      try cache.append(keys: Self.tokens(1), values: Self.tokens(1), lengths: [0, 1])
    }
    #expect(text.contains("capacity of 0"), "\(text)")
    #expect(cache.lengths == [0, 0])
  }

  @Test func `an invalid parameter of a cache is named in the error`() {
    func text(
      sequences: Int = 1, heads: Int = 1, dimension: Int = 1, valueDimension: Int? = nil,
      _ policy: KeyValueCache.Policy = .growing
    ) -> String {
      failureText {
        try KeyValueCache(
          sequenceCount: sequences, keyValueHeadCount: heads, keyDimension: dimension,
          valueDimension: valueDimension, policy: policy)
      }
    }
    #expect(text(sequences: 0).contains("sequenceCount"))
    #expect(text(sequences: .max).contains("sequenceCount"))
    #expect(text(heads: 0).contains("keyValueHeadCount"))
    #expect(text(dimension: -1).contains("keyDimension"))
    #expect(text(valueDimension: 0).contains("valueDimension"))
    #expect(text(heads: .max, dimension: 2).contains("overflow"))
    #expect(text(.fixed(capacity: -1)).contains("capacity"))
    #expect(text(sequences: 2, .fixed(capacity: .max)).contains("overflow"))
    #expect(text(.fixed(capacity: 1 << 58)).contains("cannot allocate"))
    #expect(text(.rotating(window: 0)).contains("window"))
  }

  @Test func `a window longer than the sequence keeps all tokens`() throws {
    var cache = try Self.cache(.rotating(window: .max), sequenceCount: 1)
    try cache.append(keys: Self.tokens(9), values: Self.tokens(9))
    try cache.append(keys: Self.tokens(1), values: Self.tokens(1))
    #expect(cache.keptLengths == [10])
    _ = try attention(queries: Self.tokens(1), cache: cache)
    try cache.rewind(sequence: 0, to: 2)
    #expect(cache.keptLengths == [2])
  }

  @Test func `a rotating cache rewinds as long as it holds the window`() throws {
    var cache = try Self.cache(.rotating(window: 4), sequenceCount: 1)
    for _ in 0..<50 { try cache.append(keys: Self.tokens(1), values: Self.tokens(1)) }
    try cache.append(keys: Self.tokens(6), values: Self.tokens(6))
    #expect(cache.lengths == [56] && cache.keptLengths == [9])
    let text = failureText { try cache.rewind(sequence: 0, to: 20) }
    #expect(text.contains("from 56 to 20") && text.contains("window of 4"), "\(text)")
    #expect(cache.lengths == [56] && cache.keptLengths == [9])
    try cache.rewind(sequence: 0, to: 50)
    #expect(cache.lengths == [50] && cache.keptLengths == [4])
    try cache.rewind(sequence: 0, to: 0)
    #expect(cache.lengths == [0] && cache.keptLengths == [0])
    try cache.append(keys: Self.tokens(3), values: Self.tokens(3))
    cache.removeAll()
    #expect(cache.lengths == [0])
  }

  @Test func `queries whose window is no longer kept are rejected`() throws {
    var cache = try Self.cache(.rotating(window: 4), sequenceCount: 1)
    for _ in 0..<20 { try cache.append(keys: Self.tokens(1), values: Self.tokens(1)) }
    _ = try attention(queries: Self.tokens(1), cache: cache)
    let text = failureText { try attention(queries: Self.tokens(2), cache: cache) }
    #expect(text.contains("queries") && text.contains("no longer kept"), "\(text)")
    let many = failureText { try attention(queries: Self.tokens(30), cache: cache) }
    #expect(many.contains("no longer kept"), "\(many)")
  }
}
