import Attention
import TestSupport
import Testing

/// Decoding with a layer and a cache.
@Suite struct KeyValueCacheLayerTests {
  static func layer() throws -> MultiHeadAttention {
    func linear(_ output: Int, _ input: Int, seed: UInt64) throws -> Linear {
      var weight = try ModifierTests.noise([output, input], seed: seed)
      try weight.withMutableSpan { span in
        for index in span.indices { span[index] /= 4 }
      }
      return try Linear(weight: weight, bias: ModifierTests.noise([output], seed: seed + 10))
    }
    return try MultiHeadAttention(
      query: linear(24, 16, seed: 1), key: linear(12, 16, seed: 2), value: linear(10, 16, seed: 3),
      output: linear(16, 20, seed: 4), headCount: 4, keyValueHeadCount: 2)
  }

  @Test(arguments: [KeyValueCache.Policy.growing, .fixed(capacity: 9), .rotating(window: 3)])
  func `decoding with a layer equals a single pass`(policy: KeyValueCache.Policy) throws {
    let layer = try Self.layer()
    let input = try ModifierTests.noise([14, 16], seed: 30)  // lengths 9 and 5
    let mask: AttentionMask =
      policy == .rotating(window: 3) ? .window(left: 2, right: 0) : .causal
    let whole = try layer(input, options: AttentionOptions(mask: mask, lengths: [9, 5]))
    var cache = try layer.makeCache(sequenceCount: 2, policy: policy)
    for step in [[4, 0], [1, 3], [3, 1], [1, 1]] {
      let rows = zip(zip([0, 9], cache.lengths), step).flatMap { $0.0 + $0.1..<$0.0 + $0.1 + $1 }
      let result = try layer(
        input.selecting(rows), cache: &cache,
        options: AttentionOptions(mask: .causal, lengths: step))
      let expected = try whole.selecting(rows).scalars.map(Double.init)
      #expect(largestDistance(result.output.scalars, expected) <= 5e-6)
    }
    #expect(cache.lengths == [9, 5])
  }

  @Test(arguments: [KeyValueCache.Policy.growing, .fixed(capacity: 30), .rotating(window: 4)])
  func `a failed step does not change the cache`(policy: KeyValueCache.Policy) throws {
    let layer = try Self.layer()
    let input = try ModifierTests.noise([30, 16], seed: 31)
    var (cache, twin) = (
      try layer.makeCache(policy: policy), try layer.makeCache(policy: policy)
    )
    for start in stride(from: 0, to: 30, by: 3) {
      // Fails after the keys and values were appended, because the mask has too few keys.
      let kept = cache.keptLengths
      for count in [1, 5, 30] {
        let text = failureText {
          try layer(
            input.rows(0..<count), cache: &cache,
            options: AttentionOptions(mask: .causal.intersection(.keys([true, true]))))
        }
        #expect(text.contains("mask") || text.contains("capacity"), "\(text)")
        #expect(cache.lengths == [start] && cache.keptLengths == kept)
      }
      let options = AttentionOptions(mask: .causal)
      let rows = try input.rows(start..<start + 3)
      #expect(
        try layer(rows, cache: &cache, options: options).output
          == layer(rows, cache: &twin, options: options).output)
    }
  }

  @Test func `a layer rejects another layer's cache`() throws {
    let layer = try Self.layer()
    var cache = try KeyValueCache(keyValueHeadCount: 2, keyDimension: 8)
    let text = failureText {
      try layer(Tensor(shape: [1, 16], repeating: 1), cache: &cache)
    }
    #expect(text.contains("keys") && text.contains("[token, 2, 8]") && text.contains("[1, 2, 6]"))
    #expect(cache.lengths == [0])
  }

  @Test func `an encoder output that is projected once gives the same results`() throws {
    let layer = try Self.layer()
    let input = try ModifierTests.noise([4, 16], seed: 32)
    let encoderOutput = try ModifierTests.noise([11, 16], seed: 33)
    let keep = (0..<11).map { $0 != 2 && $0 != 9 }
    let projected = try layer.makeCrossAttentionCache(encoderOutput, lengths: [6, 5])
    for lengths in [[1, 3], [4, 0], [2, 2]] {
      var options = AttentionOptions(mask: .keys(keep), lengths: lengths)
      let cached = try layer(
        input, crossAttentionCache: projected, options: options, returning: .weights)
      options.keyLengths = [6, 5]
      let direct = try layer(
        input, encoderOutput: encoderOutput, options: options, returning: .weights)
      #expect(cached.output == direct.output && cached.weights == direct.weights)
    }
    #expect(projected.lengths == [6, 5])
  }
}
