import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// T5, BART and their relatives compared with PyTorch in double precision, for checkpoints of every layout.
@Suite struct EncoderDecoderAccuracyTests {
  static let names = EncoderDecoderFixture.names
  static let fastBackends = [Backend.openBLAS, .portable]

  @Test(arguments: names, fastBackends)
  func `every checkpoint gives PyTorch's results for a packed batch`(name: String, backend: Backend)
    throws
  {
    let fixture = try EncoderDecoderFixture(name)
    for threads in [1, 2] {
      try withCompute(backend: backend, threads: threads) {
        try expectAll(fixture, "\(name), \(backend), \(threads) threads")
      }
    }
  }

  @Test(arguments: ["T5/v1.1", "BART/sharded"])
  func `the reference backend gives PyTorch's results`(name: String) throws {
    let fixture = try EncoderDecoderFixture(name)
    try withCompute(backend: .reference) { try expectAll(fixture, "\(name), reference") }
  }

  private func expectAll(_ fixture: EncoderDecoderFixture, _ comment: String) throws {
    let encoded = try fixture.encode(fixture.prompts)
    #expect(encoded.shape == fixture.encoded.shape)
    let distance = largestDistance(encoded.scalars, fixture.encoded.scalars.map(Double.init))
    #expect(distance <= fixture.encodedBound, "\(comment): encoder")

    var (state, first) = try fixture.model.begin(fixture.prompts)
    #expect(first.ids == fixture.texts.sequences.map { $0[0] })
    #expect(first.lengths == fixture.texts.lengths.map { _ in 1 })
    let logits = try fixture.model.logits(of: fixture.texts, state: &state, rows: .all)
    try fixture.expectPyTorchs(logits, fixture.logits.scalars, comment)
    #expect(state.lengths == fixture.texts.lengths)
  }

  @Test(arguments: names) func `token by token, the logits are those of the whole text`(
    name: String
  ) throws {
    let fixture = try EncoderDecoderFixture(name)
    var state = try fixture.begin()
    let longest = try #require(fixture.texts.lengths.max())
    for position in 0..<longest {
      // Texts that have ended are left out.
      let ranges = fixture.texts.lengths.map { min($0, position)..<min($0, position + 1) }
      let logits = try fixture.model.logits(
        of: fixture.texts(ranges), state: &state, rows: .last)
      try fixture.expectPyTorchs(
        logits, fixture.expectedRows(ranges), "\(name), token \(position)")
    }
    #expect(state.lengths == fixture.texts.lengths)
  }

  @Test(arguments: names) func `sequences may advance unevenly`(name: String) throws {
    let fixture = try EncoderDecoderFixture(name)
    for rows in [LogitRows.all, .last] {
      var generator = SeededGenerator(seed: 7)
      var state = try fixture.begin()
      var lengths = fixture.texts.lengths.map { _ in 0 }
      while lengths != fixture.texts.lengths {
        let ranges = zip(lengths, fixture.texts.lengths).map { length, whole in
          length..<min(whole, length + Int.random(in: 0...6, using: &generator))
        }
        let logits = try fixture.model.logits(
          of: fixture.texts(ranges), state: &state, rows: rows)
        let expected =
          rows == .all ? ranges : ranges.map { $0.isEmpty ? $0 : $0.upperBound - 1..<$0.upperBound }
        try fixture.expectPyTorchs(
          logits, fixture.expectedRows(expected), "\(name), \(rows), \(ranges)")
        lengths = ranges.map(\.upperBound)
      }
    }
  }

  @Test(arguments: names) func `a sequence alone gives its rows of the batch`(name: String) throws {
    let fixture = try EncoderDecoderFixture(name)
    var (token, promptToken) = (0, 0)
    for (prompt, text) in zip(fixture.prompts.oneByOne, fixture.texts.oneByOne) {
      let encoded = try fixture.encode(prompt)
      let expected = try fixture.encoded.rows(promptToken..<promptToken + prompt.ids.count)
      #expect(
        largestDistance(encoded.scalars, expected.scalars.map(Double.init))
          <= fixture.encodedBound)
      var state = try fixture.model.begin(prompt).state
      let logits = try fixture.model.logits(of: text, state: &state, rows: .all)
      let rows = try fixture.logits.rows(token..<token + text.ids.count)
      try fixture.expectPyTorchs(logits, rows.scalars, name)
      token += text.ids.count
      promptToken += prompt.ids.count
    }
  }

  @Test(arguments: ["T5/v1.0", "BART/plain"])
  func `thousands of tokens are encoded as in small batches`(name: String) throws {
    let fixture = try EncoderDecoderFixture(name)
    let copies = 40
    let prompts = PackedTokens((0..<copies).flatMap { _ in fixture.prompts.sequences })
    #expect(prompts.ids.count > 2 * 1024)
    let encoded = try fixture.encode(prompts).scalars
    let expected = (0..<copies).flatMap { _ in fixture.encoded.scalars.map(Double.init) }
    #expect(largestDistance(encoded, expected) <= fixture.encodedBound)
    var (state, start) = try fixture.model.begin(prompts)
    let logits = try fixture.model.logits(of: start, state: &state, rows: .last)
    let rows = try fixture.expectedRows(fixture.texts.lengths.map { _ in 0..<1 })
    try fixture.expectPyTorchs(logits, (0..<copies).flatMap { _ in rows }, name)
  }

  @Test(arguments: names) func `selected sequences continue as if they were alone`(
    name: String
  ) throws {
    let fixture = try EncoderDecoderFixture(name)
    let (texts, prompts) = (fixture.texts.sequences, fixture.prompts.sequences)
    // The first eleven tokens of text 1 continue in three ways: as text 1, and with other tokens.
    var state = try fixture.begin()
    let beginnings = texts.map { Array($0.prefix(11)) }
    _ = try fixture.model.logits(of: PackedTokens(beginnings), state: &state, rows: .last)
    let selection = [1, 3, 1, 0, 1]
    try state.select(selection)
    #expect(state.lengths == selection.map { beginnings[$0].count })
    var continuations = [Array(texts[1][11..<20]), [9], Array(texts[3][2..<9]), [], [23, 24]]
    let logits = try fixture.model.logits(
      of: PackedTokens(continuations), state: &state, rows: .all)
    try expectFresh(logits, of: continuations)

    // Once more, so that sequences of one prompt are selected separately.
    let again = [4, 0, 2]
    try state.select(again)
    for (place, index) in again.enumerated() {
      #expect(
        state.lengths[place] == beginnings[selection[index]].count + continuations[index].count)
    }
    let history = again.map { beginnings[selection[$0]] + continuations[$0] }
    continuations = [[5], [6, 7, 8], [9, 10]]
    let next = try fixture.model.logits(of: PackedTokens(continuations), state: &state, rows: .all)
    var row = 0
    for (place, index) in again.enumerated() {
      try expectFresh(
        next.rows(row..<row + continuations[place].count),
        prompt: prompts[selection[index]], history: history[place],
        continuation: continuations[place])
      row += continuations[place].count
    }

    func expectFresh(_ logits: Tensor, of continuations: [[Int]]) throws {
      var row = 0
      for (index, continuation) in continuations.enumerated() where !continuation.isEmpty {
        try expectFresh(
          logits.rows(row..<row + continuation.count), prompt: prompts[selection[index]],
          history: beginnings[selection[index]], continuation: continuation)
        row += continuation.count
      }
      #expect(row == logits.shape[0])
    }

    func expectFresh(
      _ logits: Tensor, prompt: [Int], history: [Int], continuation: [Int]
    ) throws {
      var state = try fixture.model.begin(PackedTokens([prompt])).state
      let whole = try fixture.model.logits(
        of: PackedTokens([history + continuation]), state: &state, rows: .all)
      let expected = try whole.rows(history.count..<history.count + continuation.count)
      try fixture.expectPyTorchs(logits, expected.scalars, name)
    }
  }

  @Test(arguments: ["T5/v1.1", "BART/plain"])
  func `the same input gives the same bits, and copies of a state do not disturb each other`(
    name: String
  ) throws {
    let fixture = try EncoderDecoderFixture(name)
    try withCompute(threads: 1) {
      var state = try fixture.begin()
      let halves = fixture.texts.lengths.map { 0..<$0 / 2 }
      _ = try fixture.model.logits(of: fixture.texts(halves), state: &state, rows: .last)
      let rest = fixture.texts(fixture.texts.lengths.map { $0 / 2..<$0 })
      var copy = state
      let first = try fixture.model.logits(of: rest, state: &state, rows: .all)
      #expect(copy.lengths == halves.map(\.count))
      #expect(try fixture.model.logits(of: rest, state: &copy, rows: .all) == first)
    }
  }
}
