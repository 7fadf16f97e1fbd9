import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Texts that continue from a state give the logits of one pass.
@Suite struct DecodingTests {
  /// Logits of all tokens when they are given in chunks, in the order of a full pass.
  ///
  /// - Parameter chunk: the number of tokens of a sequence in a step, from the number of remaining tokens.
  private func steps(
    _ fixture: DecoderFixture, chunk: (_ sequence: Int, _ left: Int) -> Int
  ) throws -> Tensor {
    var rows = fixture.sequences.map { _ in [Float]() }
    var left = fixture.sequences.map { $0[...] }
    var (state, _) = try fixture.model.begin(PackedTokens(fixture.sequences))
    while left.contains(where: { !$0.isEmpty }) {
      let step = left.indices.map { index in
        let count = min(left[index].count, chunk(index, left[index].count))
        defer { left[index] = left[index].dropFirst(count) }
        return Array(left[index].prefix(count))
      }
      let found = try fixture.model.logits(of: PackedTokens(step), state: &state, rows: .all)
      var scalars = found.scalars[...]
      for (index, tokens) in step.enumerated() {
        let count = tokens.count * fixture.model.vocabularySize
        rows[index] += scalars.prefix(count)
        scalars = scalars.dropFirst(count)
      }
    }
    #expect(state.lengths == fixture.sequences.map(\.count))
    return try Tensor(shape: fixture.logits.shape, scalars: rows.flatMap(\.self))
  }

  @Test(arguments: DecoderFixture.steadyNames, [Backend.openBLAS, .portable])
  func `token by token`(name: String, backend: Backend) throws {
    let fixture = try DecoderFixture(name)
    let logits = try withCompute(backend: backend) { try steps(fixture, chunk: { _, _ in 1 }) }
    try fixture.expectPyTorchs(logits, "\(name), \(backend)")
  }

  @Test(arguments: DecoderFixture.families.filter(DecoderFixture.steadyNames.contains))
  func `token by token on the reference backend`(name: String) throws {
    let fixture = try DecoderFixture(name)
    let logits = try withCompute(backend: .reference) { try steps(fixture, chunk: { _, _ in 1 }) }
    try fixture.expectPyTorchs(logits, "\(name), reference")
  }

  @Test(arguments: DecoderFixture.steadyNames)
  func `in uneven chunks, with steps in which some sequences have no tokens`(name: String) throws {
    let fixture = try DecoderFixture(name)
    for seed in 0..<6 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let longest = [1, 2, 3, 6, 9, 30][seed]
      let logits = try steps(fixture) { _, _ in
        Int.random(in: 0...longest, using: &generator)
      }
      try fixture.expectPyTorchs(logits, "\(name), seed \(seed)")
    }
  }

  @Test func `dynamically scaled texts give PyTorch's results up to the context length`()
    throws
  {
    let fixture = try DecoderFixture("llama-dynamic")
    let short = fixture.sequences[0]  // 6 tokens of 8
    var (state, _) = try fixture.model.begin(PackedTokens([short]))
    for (index, id) in short.enumerated() {
      let logits = try fixture.model.logits(of: PackedTokens([[id]]), state: &state, rows: .all)
      try fixture.expectPyTorchs(logits, rows: index..<index + 1, "token \(index)")
    }
  }

  @Test(arguments: [1, 4, 30])
  func `a text that becomes long for LongRoPE is computed again, from its first token`(chunk: Int)
    throws
  {
    let fixture = try DecoderFixture("phi3")
    // 21 tokens; the frequencies change after 14.
    let long = fixture.sequences[2]
    var (state, _) = try fixture.model.begin(PackedTokens([fixture.sequences[0], long]))
    _ = try fixture.model.logits(
      of: PackedTokens([fixture.sequences[0], Array(long[..<13])]), state: &state, rows: .last)
    var next = 13
    while next < long.count {
      let tokens = Array(long[next..<min(next + chunk, long.count)])
      let all = PackedTokens([[], tokens])
      next += tokens.count
      let logits = try fixture.model.logits(of: all, state: &state, rows: .all)
      #expect(logits.shape[0] == tokens.count && state.lengths == [6, next])
      let fresh = try freshLastRows(fixture, [Array(long[..<next])])
      #expect(
        largestDistance(
          try logits.rows(tokens.count - 1..<tokens.count).scalars,
          fresh.scalars.map(Double.init)) <= fixture.bound)
    }
    // Short again, after the text has been long; the other text and copies are not affected.
    var copy = state
    try copy.select([1, 0, 1])
    try state.rewind(to: [6, 20])
    try state.rewind(to: [5, 20])
    let last = try fixture.model.logits(
      of: PackedTokens([[long[5]], [long[20]]]), state: &state, rows: .last)
    let expected = try freshLastRows(
      fixture, [Array(fixture.sequences[0][..<5]) + [long[5]], long])
    #expect(largestDistance(last.scalars, expected.scalars.map(Double.init)) <= fixture.bound)
    let three = try fixture.model.logits(
      of: PackedTokens([[3], [3], [4]]), state: &copy, rows: .last)
    let expectedThree = try freshLastRows(
      fixture, [long + [3], fixture.sequences[0] + [3], long + [4]])
    #expect(largestDistance(three.scalars, expectedThree.scalars.map(Double.init)) <= fixture.bound)

    try state.rewind(to: [0, 0])
    let short = try fixture.model.logits(
      of: PackedTokens([Array(long[..<3]), Array(long[..<9])]), state: &state, rows: .last)
    let expectedShort = try freshLastRows(fixture, [Array(long[..<3]), Array(long[..<9])])
    #expect(largestDistance(short.scalars, expectedShort.scalars.map(Double.init)) <= fixture.bound)
  }

  @Test(arguments: DecoderFixture.families)
  func `selected sequences continue as new ones would`(name: String) throws {
    let fixture = try DecoderFixture(name)
    // Beams of two prompts are exchanged, one is duplicated, one dropped.
    let prompts = [fixture.sequences[0], fixture.sequences[3]]
    var texts = [prompts[0], prompts[0], prompts[1], prompts[1]]
    var (state, tokens) = try fixture.model.begin(PackedTokens(prompts))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    try state.select([0, 0, 1, 1])
    var generator = SeededGenerator(seed: 3)
    for step in 0..<8 {
      let next = texts.map { _ in Int.random(in: 0..<83, using: &generator) }
      texts = zip(texts, next).map { $0 + [$1] }
      let logits = try fixture.model.logits(
        of: PackedTokens(next.map { [$0] }), state: &state, rows: .last)
      let fresh = try freshLastRows(fixture, texts)
      #expect(
        largestDistance(logits.scalars, fresh.scalars.map(Double.init)) <= fixture.bound,
        "\(name), step \(step)")
      let order = [[1, 1, 3, 2], [0, 1, 2, 3], [1, 0, 2, 2], [3, 2, 1, 0]][step % 4]
      try state.select(order)
      texts = order.map { texts[$0] }
      #expect(state.lengths == texts.map(\.count))
    }
  }

  @Test func `a state continues with fewer sequences`() throws {
    let fixture = try DecoderFixture("mistral")
    var (state, tokens) = try fixture.model.begin(PackedTokens(fixture.sequences))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    try state.select([2])
    let logits = try fixture.model.logits(of: PackedTokens([[5, 6]]), state: &state, rows: .last)
    let fresh = try freshLastRows(fixture, [fixture.sequences[2] + [5, 6]])
    #expect(largestDistance(logits.scalars, fresh.scalars.map(Double.init)) <= fixture.bound)
  }

  private func freshLastRows(_ fixture: DecoderFixture, _ texts: [[Int]]) throws -> Tensor {
    var (state, tokens) = try fixture.model.begin(PackedTokens(texts))
    return try fixture.model.logits(of: tokens, state: &state, rows: .last)
  }
}
