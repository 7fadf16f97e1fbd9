import Attention
import TestSupport
import Testing

/// Single and combined masks, with packed sequences and grouped heads.
@Suite struct MaskTests {
  static let masks: [(name: String, mask: @Sendable (Int, Int, Int) throws -> AttentionMask)] = [
    ("none", { _, _, _ in .none }),
    ("causal, bottom-right", { _, _, _ in .causal }),
    ("causal, top-left", { _, _, _ in .causal(alignment: .topLeft) }),
    ("window", { _, _, _ in .window(left: 3, right: 2) }),
    ("window, top-left", { _, _, _ in .window(left: 20, right: 0, alignment: .topLeft) }),
    ("window, left only", { _, _, _ in .window(left: 0, right: nil) }),
    ("window, right only", { _, _, _ in .window(left: nil, right: 1) }),
    ("prefix", { _, _, _ in .prefix(6) }),
    ("prefix beyond the keys", { _, _, _ in .prefix(10_000, alignment: .topLeft) }),
    (
      "prefix within a window",
      { _, _, k in
        AttentionMask.prefix(4).intersection(.window(left: 100, right: 7))
          .intersection(.keys(try randomMask([k]).elements))
      }
    ),
    ("boolean, shared", { _, q, k in .keeping(try randomMask([q, k])) }),
    ("boolean, one plane", { _, q, k in .keeping(try randomMask([1, q, k])) }),
    ("boolean, per head", { h, q, k in .keeping(try randomMask([h, q, k])) }),
    ("keys", { _, _, k in .keys(try randomMask([k]).elements) }),
    ("padding", { _, _, k in .keys((0..<k).map { $0 >= 2 && $0 < k - 3 }) }),
    ("nothing kept", { _, _, k in .keys(Array(repeating: false, count: k)) }),
    (
      "two boolean and two key masks",
      { h, q, k in
        AttentionMask.keeping(try randomMask([h, q, k], oneIn: 5, seed: 1))
          .intersection(.keeping(try randomMask([q, k], oneIn: 4, seed: 2)))
          .intersection(.keys(try randomMask([k], oneIn: 7, seed: 3).elements))
          .intersection(.keys(try randomMask([k], oneIn: 6, seed: 4).elements))
      }
    ),
    (
      "all together",
      { h, q, k in
        AttentionMask.causal.intersection(.keeping(try randomMask([h, q, k], oneIn: 5)))
          .intersection(.keys(try randomMask([k], oneIn: 6).elements))
      }
    ),
  ]

  @Test(arguments: masks.indices, fastBackends)
  func `output, weights and log-sum-exp equal the reference with every mask`(
    index: Int, backend: Backend
  ) throws {
    let sizes = [(1, 1), (5, 9), (9, 5), (64, 65), (130, 600), (140, 20)]
    for (queryCount, keyCount) in sizes {
      let shape = OperatorCase(
        queryCount: queryCount, keyCount: keyCount, headCount: 4, keyValueHeadCount: 2,
        keyDimension: 8, valueDimension: 5)
      let options = AttentionOptions(mask: try Self.masks[index].mask(4, queryCount, keyCount))
      try shape.expectReference(options, on: backend, "\(Self.masks[index].name), \(shape)")
    }
  }

  @Test(arguments: masks.indices, fastBackends)
  func `packed sequences of different lengths equal the reference with every mask`(
    index: Int, backend: Backend
  ) throws {
    let lengths = [3, 0, 1, 140, 7]
    let keyLengths = [4, 2, 0, 130, 7]
    let shape = OperatorCase(
      queryCount: lengths.reduce(0, +), keyCount: keyLengths.reduce(0, +), headCount: 2,
      keyValueHeadCount: 1, keyDimension: 8, valueDimension: 8)
    let options = AttentionOptions(
      mask: try Self.masks[index].mask(2, shape.queryCount, shape.keyCount), lengths: lengths,
      keyLengths: keyLengths)
    try shape.expectReference(options, on: backend, "\(Self.masks[index].name), \(shape)")
  }

  @Test func `causal, bottom-right: the last query attends to the last key`() throws {
    let weights = try causalWeights(queries: 2, keys: 4, .bottomRight)
    #expect(weights == [[true, true, true, false], [true, true, true, true]])
    #expect(
      try causalWeights(queries: 3, keys: 2, .bottomRight)
        == [[false, false], [true, false], [true, true]])
  }

  @Test func `causal, top-left: the first query attends to the first key`() throws {
    #expect(
      try causalWeights(queries: 2, keys: 4, .topLeft)
        == [[true, false, false, false], [true, true, false, false]])
    #expect(
      try causalWeights(queries: 3, keys: 2, .topLeft)
        == [[true, false], [true, true], [true, true]])
  }

  /// The keys j of each query i that an operator with equal scores gives a weight.
  private func visible(_ mask: AttentionMask, queries: Int, keys: Int) throws -> [[Int]] {
    let weights = try attention(
      queries: Tensor(shape: [queries, 1, 1], repeating: 0),
      keys: Tensor(shape: [keys, 1, 1], repeating: 0),
      values: Tensor(shape: [keys, 1, 1], repeating: 0), options: AttentionOptions(mask: mask),
      returning: .weights, on: .portable
    ).weights
    let found = try #require(weights)
    return (0..<queries).map { i in (0..<keys).filter { found[0, i, $0] > 0 } }
  }

  @Test(arguments: [(1, 1), (4, 4), (3, 7), (7, 3)])
  func `windows and prefixes keep the keys of their formulas`(queries: Int, keys: Int) throws {
    for alignment in [AttentionMask.Alignment.topLeft, .bottomRight] {
      /// p, the position of query i among the keys.
      func position(_ i: Int) -> Int { alignment == .topLeft ? i : i + keys - queries }
      for left in [nil, 0, 1, 2, 9] as [Int?] {
        for right in [nil, 0, 1, 2, 9] as [Int?] {
          let expected = (0..<queries).map { i in
            (0..<keys).filter {
              left.map { left in position(i) - left } ?? .min <= $0
                && $0 <= right.map { right in position(i) + right } ?? .max
            }
          }
          let mask = AttentionMask.window(left: left, right: right, alignment: alignment)
          #expect(
            try visible(mask, queries: queries, keys: keys) == expected,
            "\(left.map(String.init) ?? "nil"), \(right.map(String.init) ?? "nil"), \(alignment)")
        }
      }
      for count in [0, 1, 2, 5, 100] {
        let expected = (0..<queries).map { i in
          (0..<keys).filter { $0 < count || $0 <= position(i) }
        }
        #expect(
          try visible(.prefix(count, alignment: alignment), queries: queries, keys: keys)
            == expected, "\(count), \(alignment)")
      }
    }
  }

  @Test(arguments: fastBackends)
  func `masking keys equals removing them`(backend: Backend) throws {
    let arguments = try OperatorCase(queryCount: 5, keyCount: 11).arguments()
    let keep = (0..<11).map { $0 % 3 != 1 }
    let masked = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      mask: .keys(keep), on: backend)
    let dropped = try attention(
      queries: arguments.queries, keys: try arguments.keys.keepingRows(keep),
      values: try arguments.values.keepingRows(keep), on: backend)
    #expect(largestDistance(masked.scalars, dropped.scalars.map(Double.init)) < 1e-6)
  }

  @Test(arguments: fastBackends)
  func `packed sequences equal one sequence at a time`(backend: Backend) throws {
    let lengths = [3, 129, 1, 40]
    let arguments = try OperatorCase(queryCount: 173, keyCount: 173).arguments()
    let packed = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(mask: .causal, lengths: lengths), on: backend
    ).output
    var start = 0
    for length in lengths {
      let range = start..<start + length
      let single = try attention(
        queries: try arguments.queries.rows(range), keys: try arguments.keys.rows(range),
        values: try arguments.values.rows(range), mask: .causal, on: backend)
      let part = try packed.rows(range)
      #expect(largestDistance(part.scalars, single.scalars.map(Double.init)) < 1e-6)
      start += length
    }
  }

  // MARK: - Helpers

  /// Whether each weight of one head is nonzero.
  private func causalWeights(
    queries: Int, keys: Int, _ alignment: AttentionMask.Alignment
  ) throws -> [[Bool]] {
    let arguments = try OperatorCase(
      queryCount: queries, keyCount: keys, headCount: 1, keyValueHeadCount: 1
    ).arguments()
    let result = try attention(
      queries: arguments.queries, keys: arguments.keys, values: arguments.values,
      options: AttentionOptions(mask: .causal(alignment: alignment)), returning: .weights)
    let weights = try #require(result.weights)
    return (0..<queries).map { query in (0..<keys).map { weights[0, query, $0] != 0 } }
  }
}

extension Tensor {
  /// The slices of the first axis at which `keep` is true.
  func keepingRows(_ keep: [Bool]) throws -> Tensor {
    let rows = try keep.indices.filter { keep[$0] }.map { try self.rows($0..<$0 + 1) }
    return try Tensor(
      shape: Shape([rows.count] + shape.dimensions.dropFirst()),
      scalars: rows.flatMap(\.scalars))
  }
}
