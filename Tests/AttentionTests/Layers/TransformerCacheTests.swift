import Attention
import TestSupport
import Testing

/// Decoding with a transformer and its caches.
@Suite struct TransformerCacheTests {
  static let masks: [AttentionMask] = [.causal, .window(left: 2, right: 0)]

  /// The number of new tokens of three sequences in each step.
  private let steps = [[4, 0, 1], [1, 3, 0], [1, 1, 1], [0, 5, 2], [1, 1, 1], [2, 0, 9]]

  /// Compares a single pass over three sequences with the rows of `decode`.
  private func check(
    _ kind: BlockKind, mask: Int, threads: Int = 1,
    _ decode: (Transformer, [KeyValueCache], _ x: [Tensor]) throws -> [Tensor]
  ) throws {
    let (transformer, _, crossAttentionCaches) = try kind.transformer(
      encoderLengths: [3, 1, 4], options: AttentionOptions(mask: Self.masks[mask]))
    let lengths = (0..<3).map { sequence in steps.reduce(0) { $0 + $1[sequence] } }
    var generator = SeededGenerator(seed: 18)
    let x = try lengths.map { try generator.normalTensor([$0, BlockKind.hiddenSize]) }
    let packed = try Tensor(
      shape: [lengths.reduce(0, +), BlockKind.hiddenSize], scalars: x.flatMap(\.scalars))
    let full = try withCompute(threads: threads) {
      try transformer(packed, lengths: lengths, crossAttentionCaches: crossAttentionCaches).output
    }
    let decoded = try withCompute(threads: threads) {
      try decode(transformer, crossAttentionCaches, x)
    }
    let found = decoded.flatMap(\.scalars)
    let largest = full.scalars.reduce(0) { max($0, abs($1)) }
    #expect(found.count == full.count)
    #expect(
      largestDistance(found, full.scalars.map(Double.init)) <= 2e-6 * Double(largest), "\(kind)")
  }

  @Test(arguments: BlockKind.allCases, masks.indices)
  func `steps of any length equal a single pass`(kind: BlockKind, mask: Int) throws {
    for threads in [1, 2] {
      try check(kind, mask: mask, threads: threads) { transformer, crossAttentionCaches, x in
        var caches = try transformer.makeCaches(sequenceCount: 3)
        var outputs: [[Float]] = [[], [], []]
        var done = [0, 0, 0]
        for lengths in steps {
          let rows = try (0..<3).map { try x[$0].rows(done[$0]..<done[$0] + lengths[$0]).scalars }
          let step = try Tensor(
            shape: [lengths.reduce(0, +), BlockKind.hiddenSize], scalars: rows.flatMap(\.self))
          let y = try transformer(
            step, lengths: lengths, caches: &caches, crossAttentionCaches: crossAttentionCaches)
          var row = 0
          for sequence in 0..<3 {
            outputs[sequence] += try y.rows(row..<row + lengths[sequence]).scalars
            row += lengths[sequence]
            done[sequence] += lengths[sequence]
          }
        }
        return try outputs.map {
          try Tensor(shape: [$0.count / BlockKind.hiddenSize, BlockKind.hiddenSize], scalars: $0)
        }
      }
    }
  }

  @Test func `the cache of a window drops the keys that no query can see`() throws {
    let options = AttentionOptions(mask: .window(left: 2, right: 0))
    let (transformer, _, _) = try BlockKind.preNorm.transformer(
      encoderLengths: [], options: options)
    var caches = try transformer.makeCaches(sequenceCount: 1)
    var generator = SeededGenerator(seed: 19)
    for _ in 0..<9 {
      _ = try transformer(generator.normalTensor([1, BlockKind.hiddenSize]), caches: &caches)
    }
    #expect(caches.map(\.keptLengths) == [[3], [3]])
    #expect(caches.map(\.lengths) == [[9], [9]])
  }

  @Test func `a failed step does not change the caches`() throws {
    var generator = SeededGenerator(seed: 20)
    let sound = try BlockKind.preNorm.block(
      &generator, options: AttentionOptions(mask: .causal))
    // The hidden size is valid, so only the operator of the second block fails.
    let unsound = try BlockKind.preNorm.block(
      &generator, options: AttentionOptions(scale: .nan, mask: .causal))
    let good = try Transformer(blocks: [sound, sound])
    let bad = try Transformer(blocks: [sound, unsound])
    let x = try generator.normalTensor([5, BlockKind.hiddenSize])
    var caches = try good.makeCaches(sequenceCount: 1)
    _ = try good(x.rows(0..<3), caches: &caches)
    let text = failureText { try bad(x.rows(3..<5), caches: &caches) }
    #expect(text.contains("scale"))
    #expect(caches.map(\.lengths) == [[3], [3]])
    let y = try good(x.rows(3..<5), caches: &caches)
    let full = try good(x).output.rows(3..<5)
    #expect(largestDistance(y.scalars, full.scalars.map(Double.init)) < 1e-5)
  }
}
