import Attention
import Foundation
import TestSupport
import Testing

/// Grouped heads, rotary positions, appended keys and errors of the layer.
@Suite struct MultiHeadOptionsTests {
  static func linear(_ output: Int, _ input: Int, seed: UInt64) throws -> Linear {
    var generator = SeededGenerator(seed: seed)
    return try Linear(
      weight: generator.normalTensor([output, input]), bias: generator.normalTensor([output]))
  }

  /// A layer of hidden size 10 with four heads of dimension 6 and two or four key-value heads.
  static func layer(
    groups: Int = 2, rotary: RotaryEmbedding? = nil,
    appendedKeys: MultiHeadAttention.AppendedKeys = .init()
  ) throws -> MultiHeadAttention {
    try MultiHeadAttention(
      query: linear(24, 10, seed: 1), key: linear(groups * 6, 10, seed: 2),
      value: linear(groups * 6, 10, seed: 3), output: linear(10, 24, seed: 4), headCount: 4,
      keyValueHeadCount: groups, rotary: rotary, appendedKeys: appendedKeys)
  }

  static func noise(_ shape: Shape, seed: UInt64 = 9) throws -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return try generator.normalTensor(shape)
  }

  @Test func `a rotary embedding rotates queries and keys only`() throws {
    let rotary = try RotaryEmbedding(headDimension: 6, rotaryDimension: 4)
    let (plain, rotated) = (try Self.layer(), try Self.layer(rotary: rotary))
    let input = try Self.noise([7, 10])
    let before = try plain.projections(of: input)
    let after = try rotated.projections(of: input, positions: .offsets([3]))
    #expect(try after.queries == rotary(before.queries, positions: Array(3..<10)))
    #expect(try after.keys == rotary(before.keys, positions: Array(3..<10)))
    #expect(after.values == before.values)
    let expected = try attention(
      queries: after.queries, keys: after.keys, values: after.values, mask: .causal)
    #expect(
      try rotated(input, options: AttentionOptions(mask: .causal), positions: .offsets([3]))
        == rotated.output(expected.reshaped(to: [7, 24])))
  }

  @Test func `shifting all positions changes the result only by rounding`() throws {
    let layer = try Self.layer(rotary: RotaryEmbedding(headDimension: 6, layout: .interleaved))
    let input = try Self.noise([7, 10])
    let near = try layer(input).scalars.map { Double($0) }
    for (offset, bound) in [(5, 1e-4), (1000, 1e-2)] {
      let far = try layer(input, positions: .offsets([offset]))
      #expect(largestDistance(far.scalars, near) <= bound, "\(offset)")
    }
    let scattered = try layer(input, positions: .each([0, 9, 1, 40, 2, 2, 3]))
    #expect(largestDistance(scattered.scalars, near) > 1e-2)
  }

  @Test(arguments: [
    RotaryScaling.none, .dynamicNTK(factor: 4, originalLength: 3),
  ])
  func `packed sequences with rotary equal single sequences`(scaling: RotaryScaling) throws {
    let layer = try Self.layer(rotary: RotaryEmbedding(headDimension: 6, scaling: scaling))
    let input = try Self.noise([12, 10])
    let options = AttentionOptions(mask: .causal, lengths: [5, 0, 7])
    let packed = try layer(input, options: options, positions: .offsets([0, 8, 2]))
    for (range, offset) in [(0..<5, 0), (5..<12, 2)] {
      let alone = try layer(
        input.rows(range), options: AttentionOptions(mask: .causal), positions: .offsets([offset]))
      let exact = alone.scalars.map { Double($0) }
      #expect(largestDistance(try packed.rows(range).scalars, exact) <= 2e-5)
    }
  }

  @Test func `in cross-attention both sides use the frequencies of the longer one`() throws {
    let rotary = try RotaryEmbedding(
      headDimension: 6, scaling: .dynamicNTK(factor: 4, originalLength: 4))
    let layer = try Self.layer(rotary: rotary)
    let (input, encoderOutput) = (try Self.noise([2, 10]), try Self.noise([9, 10], seed: 8))
    let plain = try Self.layer().projections(of: input, encoderOutput: encoderOutput)
    let rotated = try layer.projections(of: input, encoderOutput: encoderOutput)
    #expect(
      try rotated.queries == rotary(plain.queries, positions: [0, 1], sequenceLength: 9))
    #expect(try rotated.keys == rotary(plain.keys, positions: Array(0..<9)))
  }

  @Test func `grouped heads load smaller keys and values from a state dictionary`() throws {
    let layer = try Self.layer()
    let parts = [layer.query, layer.key, layer.value]
    let weight = try Tensor(shape: [48, 10], scalars: parts.flatMap { try $0.weight.scalars })
    let bias = try Tensor(shape: [48], scalars: parts.flatMap { $0.bias?.scalars ?? [] })
    let output = try #require(layer.output.bias)
    let loaded = try MultiHeadAttention(
      stateDictionary: [
        "in_proj_weight": weight, "in_proj_bias": bias, "out_proj.weight": try layer.output.weight,
        "out_proj.bias": output,
      ], headCount: 4, keyValueHeadCount: 2)
    let input = try Self.noise([5, 10])
    #expect(try loaded(input) == layer(input))
  }

  @Test func `appended keys are added to every sequence`() throws {
    let (key, value) = (try Self.noise([2, 6], seed: 5), try Self.noise([2, 6], seed: 6))
    let extra = MultiHeadAttention.AppendedKeys(biasKeyValue: (key, value), addsZeroAttention: true)
    let (layer, plain) = (try Self.layer(appendedKeys: extra), try Self.layer())
    let input = try Self.noise([6, 10])
    let found = try layer(
      input, options: AttentionOptions(softcap: 3, mask: .causal, lengths: [2, 4]),
      returning: [.weights, .logSumExp])
    let (queries, keys, values) = try plain.projections(of: input)
    let zeros = try Tensor(shape: [2, 6], repeating: 0)
    for range in [0..<2, 2..<6] {
      func extended(_ tensor: Tensor, _ extra: Tensor) throws -> Tensor {
        let rows = try tensor.rows(range).scalars + extra.scalars + zeros.scalars
        return try Tensor(shape: [range.count + 2, 2, 6], scalars: rows)
      }
      // An explicit causal mask, because the appended keys come after all other keys.
      let count = range.count
      let keep = try BooleanTensor(
        shape: [count, count + 2],
        elements: (0..<count).flatMap { i in (0..<count + 2).map { $0 <= i || $0 >= count } })
      let expected = try ReferenceAttention(
        queries: queries.rows(range), keys: extended(keys, key), values: extended(values, value),
        options: AttentionOptions(softcap: 3, mask: .keeping(keep)))
      let attentionOutput = try Tensor(
        shape: [count, 24], scalars: expected.output.map { Float($0) })
      let exact = try plain.output(attentionOutput).scalars.map { Double($0) }
      #expect(largestDistance(try found.output.rows(range).scalars, exact) <= 2e-5)
      for head in 0..<4 {
        for query in 0..<count {
          let weight = try #require(found.weights)[head, range.lowerBound + query, range.lowerBound]
          let right = expected.weights[(head * count + query) * (count + 2)]
          #expect(abs(Double(weight) - right) <= 1e-6)
          let logSumExp = try #require(found.logSumExp)[head, range.lowerBound + query]
          #expect(abs(Double(logSumExp) - expected.logSumExp[head * count + query]) <= 1e-5)
        }
      }
    }
  }

  @Test(arguments: [KeyValueCache.Policy.growing, .fixed(capacity: 9), .rotating(window: 3)])
  func `decoding continues the positions and attends to the appended keys`(
    policy: KeyValueCache.Policy
  ) throws {
    let extra = MultiHeadAttention.AppendedKeys(
      biasKeyValue: (try Self.noise([2, 6], seed: 5), try Self.noise([2, 6], seed: 6)),
      addsZeroAttention: true)
    let layer = try Self.layer(rotary: RotaryEmbedding(headDimension: 6), appendedKeys: extra)
    let input = try Self.noise([14, 10])  // lengths 9 and 5
    let isRotating = policy == .rotating(window: 3)
    let mask: AttentionMask = isRotating ? .window(left: 2, right: 0) : .causal
    let options = AttentionOptions(mask: mask, lengths: [9, 5])
    let whole = try layer(input, options: options)
    let reference = try withCompute(backend: .reference) { try layer(input, options: options) }
    var cache = try layer.makeCache(sequenceCount: 2, policy: policy)
    for step in [[4, 0], [1, 3], [3, 1], [1, 1]] {
      let rows = zip(zip([0, 9], cache.lengths), step).flatMap { $0.0 + $0.1..<$0.0 + $0.1 + $1 }
      let result = try layer(
        input.selecting(rows), cache: &cache,
        options: AttentionOptions(mask: .causal, lengths: step))
      // As accurate as a single pass: both are compared with the reference.
      let exact = try reference.selecting(rows).scalars.map { Double($0) }
      let largest = exact.reduce(0) { max($0, abs($1)) }
      let naive = try largestDistance(whole.selecting(rows).scalars, exact)
      let bound = 2 * naive + 1e-6 * largest
      #expect(largestDistance(result.output.scalars, exact) <= bound, "\(naive) \(largest)")
    }
    // Explicit positions give the same result.
    var (first, second) = (try layer.makeCache(), try layer.makeCache())
    let rows = try input.rows(0..<4)
    #expect(
      try layer(rows, cache: &first).output
        == layer(rows, cache: &second, positions: .each([0, 1, 2, 3])).output)
    let text = failureText { try layer(rows, cache: &first, positions: .offsets([0, 1])) }
    #expect(text.contains("positions: expected 1 offset") && text.contains("got 2"), "\(text)")
    #expect(first.lengths == [4])
  }

  @Test func `an encoder output that is projected once is rotated to its positions`() throws {
    let layer = try Self.layer(rotary: RotaryEmbedding(headDimension: 6))
    let (input, encoderOutput) = (try Self.noise([4, 10]), try Self.noise([7, 10], seed: 8))
    let values = try Self.noise([7, 10], seed: 7)
    let options = AttentionOptions(lengths: [1, 3], keyLengths: [5, 2])
    let direct = try layer(
      input, encoderOutput: encoderOutput, values: values, options: options,
      positions: .offsets([2, 0]),
      encoderPositions: .offsets([0, 30]))
    let cache = try layer.makeCrossAttentionCache(
      encoderOutput, values: values, lengths: [5, 2], positions: .offsets([0, 30]))
    let cached = try layer(
      input, crossAttentionCache: cache, options: AttentionOptions(lengths: [1, 3]),
      positions: .offsets([2, 0]))
    #expect(cached.output == direct)
    let text = failureText {
      try layer.makeCrossAttentionCache(encoderOutput, values: input.rows(0..<4))
    }
    #expect(text.contains("values") && text.contains("[4, 2, 6]"), "\(text)")
  }

  @Test func `a zero key is added to the given sinks`() throws {
    let zero = MultiHeadAttention.AppendedKeys(addsZeroAttention: true)
    let input = try Self.noise([3, 10])
    func output(_ layer: MultiHeadAttention, _ sinks: [Float]) throws -> Tensor {
      try layer(input, options: AttentionOptions(sinks: Tensor(shape: [4], scalars: sinks)))
    }
    let found = try output(Self.layer(appendedKeys: zero), [0, 90, -90, -.infinity])
    let exact = try output(Self.layer(), [log(2), 90, log(1 + exp(-90)), 0])
    #expect(largestDistance(found.scalars, exact.scalars.map { Double($0) }) <= 1e-5)
  }

  @Test func `a hiding mask is the inverted keeping mask`() throws {
    let hide = try BooleanTensor(shape: [2, 3], elements: [true, false, false, true, true, false])
    #expect(hide.inverted.elements == [false, true, true, false, false, true])
    #expect(hide.inverted.inverted == hide)
    let (layer, input) = (try Self.layer(), try Self.noise([2, 10]))
    let encoderOutput = try Self.noise([3, 10], seed: 8)
    func output(_ mask: AttentionMask) throws -> Tensor {
      try layer(input, encoderOutput: encoderOutput, options: AttentionOptions(mask: mask))
    }
    #expect(try output(.hiding(hide)) == output(.keeping(hide.inverted)))
    #expect(try output(.hiding(hide)) != output(.keeping(hide)))
    let keys = [true, false, true]
    #expect(try output(.hidingKeys(keys)) == output(.keys([false, true, false])))
  }

  @Test func `wrong inputs are named in the error`() throws {
    let layer = try Self.layer(rotary: RotaryEmbedding(headDimension: 6))
    let input = try Self.noise([4, 10])
    func expect<Value>(_ words: String..., body: () throws -> Value) {
      let text = failureText(of: body)
      for word in words { #expect(text.contains(word), "\(text)") }
      #expect(!text.contains("no failure"))
    }
    let narrow = try Self.noise([4, 9])
    expect("input", "[token, 10]", "[4, 9]") { try layer(narrow) }
    expect("encoderOutput", "[encoder token, 10]", "[4, 9]") {
      try layer(input, encoderOutput: narrow)
    }
    expect("values", "[encoder token, 10]", "[4, 9]") { try layer(input, values: narrow) }
    expect("values", "key") { try layer(input, values: Self.noise([5, 10])) }
    expect("positions", "1 offset", "got 2") { try layer(input, positions: .offsets([1, 2])) }
    expect("positions", "4 positions", "got 3") { try layer(input, positions: .each([1, 2, 3])) }
    expect("lengths", "5", "4") { try layer(input, options: AttentionOptions(lengths: [5])) }
    expect("lengths", "-1") { try layer(input, options: AttentionOptions(lengths: [5, -1])) }
    expect("keyLengths", "1", "2") {
      try layer(input, options: AttentionOptions(lengths: [2, 2], keyLengths: [4]))
    }
    expect("rotary", "8", "6") { try Self.layer(rotary: RotaryEmbedding(headDimension: 8)) }
    let item = try MultiHeadReferenceTests.Case.named("other-widths")
    expect("values", "required", "5", "6") {
      try item.layer()(item.queries.tensor(), encoderOutput: item.keys?.tensor())
    }
    let wrong = try Self.noise([4, 6])
    expect("appended key", "[2, 6]", "[4, 6]") {
      try Self.layer(appendedKeys: .init(biasKeyValue: (wrong, wrong)))
    }
    expect("sinks", "[4]", "[3]") {
      try Self.layer(appendedKeys: .init(addsZeroAttention: true))(
        input, options: AttentionOptions(sinks: Tensor(shape: [3], repeating: 0)))
    }
  }
}
