import Attention
import Foundation
import TestSupport
import Testing

/// DeBERTa's relative positions compared with their formula in Double.
@Suite struct DisentangledPositionsTests {
  private static let (headCount, dimension, hiddenSize) = (3, 8, 20)

  private struct Parts {
    let layer: MultiHeadAttention
    let keys: Tensor?
    let queries: Tensor?
    let positions: DisentangledPositions
    let input: Tensor
  }

  private func parts(
    rows: Int, hasKeys: Bool = true, hasQueries: Bool = true, maximumDistance: Int?, tokens: Int
  ) throws -> Parts {
    var generator = SeededGenerator(seed: 51)
    let (H, D, size) = (Self.headCount, Self.dimension, Self.hiddenSize)
    let keys = hasKeys ? try generator.normalTensor([rows, H, D]) : nil
    let queries = hasQueries ? try generator.normalTensor([rows, H, D]) : nil
    let positions = try DisentangledPositions(
      keys: keys, queries: queries, maximumDistance: maximumDistance)
    let layer = try MultiHeadAttention(
      query: generator.linear(from: size, to: H * D), key: generator.linear(from: size, to: H * D),
      value: generator.linear(from: size, to: H * D),
      output: generator.linear(from: H * D, to: size), headCount: H,
      disentangledPositions: positions)
    return Parts(
      layer: layer, keys: keys, queries: queries, positions: positions,
      input: try generator.normalTensor([tokens, size]))
  }

  /// The attention weights by the formula, `[head][query][key]`, 0 between sequences.
  private func weights(_ parts: Parts, lengths: [Int], scale: Double) throws -> [Double] {
    let (q, k, _) = try parts.layer.projections(of: parts.input)
    let (H, D, T) = (Self.headCount, Self.dimension, parts.input.shape[0])
    func dot(_ a: Tensor, _ row: Int, _ b: Tensor?, _ other: Int, _ head: Int) -> Double {
      guard let b else { return 0 }
      return (0..<D).reduce(0.0) { sum, d in
        sum + Double(a[row, head, d]) * Double(b[other, head, d])
      }
    }
    var weights = [Double](repeating: 0, count: H * T * T)
    for head in 0..<H {
      var start = 0
      for length in lengths {
        for i in 0..<length {
          let scores = (0..<length).map { j in
            let row = parts.positions.row(ofDistance: i - j)
            return scale
              * (dot(q, start + i, k, start + j, head)
                + dot(q, start + i, parts.keys, row, head)
                + dot(k, start + j, parts.queries, row, head))
          }
          let shift = scores.max() ?? 0
          let sum = scores.reduce(0) { $0 + exp($1 - shift) }
          for j in 0..<length {
            weights[(head * T + start + i) * T + start + j] = exp(scores[j] - shift) / sum
          }
        }
        start += length
      }
    }
    return weights
  }

  @Test(
    arguments: [(12, 12 as Int?), (70, 40), (10, nil), (2, nil), (256, nil)],
    [(true, true), (true, false), (false, true)])
  func `weights follow the formula on every backend`(
    table: (rows: Int, maximumDistance: Int?), terms: (Bool, Bool)
  ) throws {
    let lengths = [5, 0, 1, 60, 17]
    let parts = try parts(
      rows: table.rows, hasKeys: terms.0, hasQueries: terms.1,
      maximumDistance: table.maximumDistance, tokens: 83)
    for scale in [nil, 0.2 as Float?] {
      let exact = try weights(
        parts, lengths: lengths, scale: Double(scale ?? 1 / Float(Self.dimension).squareRoot()))
      let options = AttentionOptions(scale: scale, lengths: lengths)
      for backend in Backend.all {
        for threads in [1, 3] {
          try withCompute(backend: backend, threads: threads) {
            let result = try parts.layer(parts.input, options: options, returning: .weights)
            let found = try #require(result.weights)
            #expect(largestDistance(found.scalars, exact) < 5e-6, "\(backend)")
          }
        }
      }
    }
  }

  @Test func `a sequence's result does not depend on the rest of the batch`() throws {
    let parts = try parts(rows: 24, maximumDistance: 30, tokens: 50)
    for backend in Backend.all {
      try withCompute(backend: backend, threads: 2) {
        let together = try parts.layer(parts.input, options: AttentionOptions(lengths: [33, 17]))
        let alone = try parts.layer(parts.input.rows(33..<50))
        #expect(try together.rows(33..<50) == alone, "\(backend)")
      }
    }
  }

  @Test func `distances have the rows of transformers`() throws {
    func rows(_ count: Int, _ maximumDistance: Int?, _ distances: some Sequence<Int>) throws
      -> [Int]
    {
      let table = try Tensor(shape: [2 * count, 1, 1], repeating: 0)
      let positions = try DisentangledPositions(
        keys: table, queries: nil, maximumDistance: maximumDistance)
      #expect(positions.bucketCount == count)
      return distances.map { positions.row(ofDistance: $0) }
    }
    // make_log_bucket_position of transformers 5.
    #expect(try rows(6, 12, -12...(-1)) == [0, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5])
    #expect(try rows(6, 12, 0...13) == [6, 7, 8, 9, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11])
    #expect(
      try rows(7, 30, [-30, -29, -10, -9, -4, -3, 3, 4, 9, 10, 29, 30])
        == [1, 2, 2, 3, 3, 4, 10, 11, 11, 12, 12, 13])
    let far = [
      -600, -511, -510, -300, -200, -129, -128, -127, 0, 127, 128, 129, 140, 200, 300, 400, 510,
      700,
    ]
    #expect(
      try rows(256, 512, far)
        == [0, 1, 1, 49, 87, 127, 128, 129, 256, 383, 384, 385, 393, 425, 463, 489, 511, 511])
    // An odd number of buckets grows beyond the maximum distance.
    #expect(try rows(7, 30, [-600, 600]) == [0, 13])
    #expect(try rows(6, .max, [.min, .max]) == [1, 11])
    #expect(try rows(3, nil, [.min, -4, -3, -2, 0, 2, 3, .max]) == [0, 0, 0, 1, 3, 5, 5, 5])
  }

  @Test func `lengths that do not match, and other key lengths, are safe`() throws {
    let parts = try parts(rows: 24, maximumDistance: 30, tokens: 9)
    for lengths in [[10], [.max, .max], [-1, 10], [1 << 40], []] {
      let text = failureText { try parts.layer(parts.input, options: .init(lengths: lengths)) }
      #expect(text.contains("lengths"), "\(text)")
    }
    // Queries and keys of a sequence may differ in number: distances are counted from its first token.
    for keyLengths in [[1, 8], [8, 1], [0, 9]] {
      let options = AttentionOptions(lengths: [4, 5], keyLengths: keyLengths)
      let reference = try withCompute(backend: .reference) {
        try parts.layer(parts.input, options: options)
      }
      for backend in Backend.all {
        let found = try withCompute(backend: backend) {
          try parts.layer(parts.input, options: options)
        }
        #expect(
          largestDistance(found.scalars, reference.scalars.map(Double.init)) < 1e-5, "\(backend)")
      }
    }
    for keyLengths in [[9], [1, 9], [.max, 1]] {
      let options = AttentionOptions(lengths: [4, 5], keyLengths: keyLengths)
      let text = failureText { try parts.layer(parts.input, options: options) }
      #expect(text.contains("eyLengths"), "\(text)")
    }
  }

  @Test func `invalid tables and layers are refused`() throws {
    let table = try Tensor(shape: [8, 3, 8], repeating: 0)
    func failure(_ keys: Tensor?, _ queries: Tensor?, _ maximumDistance: Int? = nil) -> String {
      failureText {
        try DisentangledPositions(keys: keys, queries: queries, maximumDistance: maximumDistance)
      }
    }
    #expect(failure(nil, nil).contains("both keys and queries are missing"))
    for shape: Shape in [[7, 3, 8], [0, 3, 8], [8, 3], [8, 2, 8]] {
      let text = failure(table, try Tensor(shape: shape, repeating: 0))
      #expect(text.contains("relative queries: expected") && text.contains("got shape"), "\(text)")
    }
    #expect(failure(table, nil, 3).contains("maximumDistance: expected more than 3 for 4 buckets"))
    let small = try Tensor(shape: [2, 3, 8], repeating: 0)
    #expect(failure(small, nil, 9).contains("bucketCount: expected at least 2"))

    let parts = try parts(rows: 8, maximumDistance: nil, tokens: 4)
    let other = try DisentangledPositions(
      keys: Tensor(shape: [8, 2, 8], repeating: 0), queries: nil)
    let layer = parts.layer
    let text = failureText {
      try MultiHeadAttention(
        query: layer.query, key: layer.key, value: layer.value, output: layer.output, headCount: 3,
        disentangledPositions: other)
    }
    #expect(text.contains("expected 3 heads of dimension 8"), "\(text)")
    #expect(failureText { try layer.makeCache() }.contains("not supported in a cache"))
    #expect(
      failureText { try layer(parts.input, encoderOutput: parts.input) }
        .contains("not supported in cross-attention"))
    #expect("\(parts.positions)" == "DisentangledPositions(4 buckets, 3 heads × 8)")
  }
}
