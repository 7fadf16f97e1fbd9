import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Tokens that do not fit the model or its state are refused, and the state does not change.
@Suite struct DecoderStateTests {
  private func failure(_ name: String, _ prompts: [[Int]]) throws -> String {
    let model = try DecoderFixture(name).model
    return failureText { _ = try model.begin(PackedTokens(prompts)) }
  }

  @Test(arguments: DecoderFixture.families)
  func `prompts that cannot be continued are named`(name: String) throws {
    #expect(try failure(name, []).contains("prompts: expected at least 1"))
    #expect(try failure(name, [[1], []]).contains("prompt 1: empty"))
    for id in [83, -1, .max, .min] {
      let text = try failure(name, [[1], [2, id]])
      #expect(text.contains("ids: \(id) is out of range for a vocabulary of 83"), "\(text)")
    }
    let model = try DecoderFixture(name).model
    for lengths in [[1], [4], [-1, 4], [.max, .max]] {
      var tokens = PackedTokens([[1, 2, 3]])
      tokens.lengths = lengths
      #expect(failureText { _ = try model.begin(tokens) }.contains("lengths"))
    }
  }

  @Test func `texts longer than the positions of GPT-2 are refused with both lengths`() throws {
    let fixture = try DecoderFixture("gpt2")
    #expect(fixture.model.maxLength == 24)
    let long = Array(repeating: 5, count: 25)
    let text = try failure("gpt2", [[1], long])
    #expect(text.contains("prompt 1: 25 tokens, longer than the limit of 24"), "\(text)")

    var (state, tokens) = try fixture.model.begin(PackedTokens([Array(long.dropLast(2)), [1]]))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    _ = try fixture.model.logits(of: PackedTokens([[2], [2]]), state: &state, rows: .last)
    let refused = failureText {
      _ = try fixture.model.logits(of: PackedTokens([[2], [2]]), state: &state, rows: .last)
    }
    #expect(refused.contains("sequence 0: 25 tokens, longer than the limit of 24"), "\(refused)")
    #expect(state.lengths == [24, 2])
  }

  @Test func `rotary models continue beyond their context length`() throws {
    let fixture = try DecoderFixture("llama")
    #expect(fixture.model.maxLength == nil)
    let logits = try fixture.fullPass([Array(repeating: 5, count: 100)])
    #expect(logits.scalars.allSatisfy { $0.isFinite })
  }

  @Test(arguments: DecoderFixture.families)
  func `a refused step changes nothing`(name: String) throws {
    let fixture = try DecoderFixture(name)
    let prompts = [fixture.sequences[0], fixture.sequences[3]]
    var (state, tokens) = try fixture.model.begin(PackedTokens(prompts))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)

    var misfits = [
      PackedTokens([[1], [83]]), PackedTokens([[-1], []]), PackedTokens([[1]]),
      PackedTokens([[1], [2], [3]]),
    ]
    for lengths in [[1, 1], [4, 0], [-1, 4], [.max, 2]] {
      var tokens = PackedTokens([[1, 2, 3], []])
      tokens.lengths = lengths
      misfits.append(tokens)
    }
    for misfit in misfits {
      let text = failureText {
        _ = try fixture.model.logits(of: misfit, state: &state, rows: .last)
      }
      #expect(text.contains("ids: ") || text.contains("lengths"), "\(text)")
      #expect(state.lengths == [6, 12])
    }

    let after = try fixture.model.logits(of: PackedTokens([[9], [8]]), state: &state, rows: .last)
    var (fresh, all) = try fixture.model.begin(PackedTokens([prompts[0] + [9], prompts[1] + [8]]))
    let expected = try fixture.model.logits(of: all, state: &fresh, rows: .last)
    #expect(largestDistance(after.scalars, expected.scalars.map(Double.init)) <= fixture.bound)
  }

  @Test func `a state of another model is refused`() throws {
    let (two, three) = (try DecoderFixture("llama").model, try DecoderFixture("mistral").model)
    var (state, tokens) = try three.begin(PackedTokens([[1, 2]]))
    let text = failureText { _ = try two.logits(of: tokens, state: &state, rows: .all) }
    #expect(text.contains("caches: expected 2") && text.contains("got 3"), "\(text)")
    #expect(state.lengths == [0])
    #expect(try three.logits(of: tokens, state: &state, rows: .all).shape == [2, 83])
  }

  @Test(arguments: DecoderFixture.families) func `a step without tokens gives no rows`(name: String)
    throws
  {
    let fixture = try DecoderFixture(name)
    var (state, tokens) = try fixture.model.begin(PackedTokens(fixture.sequences))
    let nothing = PackedTokens([[], [], [], []])
    for rows in [LogitRows.last, .all] {
      let logits = try fixture.model.logits(of: nothing, state: &state, rows: rows)
      #expect(logits.shape == [0, 83])
    }
    #expect(state.lengths == [0, 0, 0, 0])
    let logits = try fixture.model.logits(of: tokens, state: &state, rows: .all)
    try fixture.expectPyTorchs(logits, "after steps without tokens")
  }

  @Test(arguments: DecoderFixture.families) func `states are values`(name: String) throws {
    let fixture = try DecoderFixture(name)
    var (state, tokens) = try fixture.model.begin(PackedTokens([fixture.sequences[0]]))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    var copy = state
    let first = try fixture.model.logits(of: PackedTokens([[3]]), state: &state, rows: .last)
    _ = try fixture.model.logits(of: PackedTokens([[4, 5]]), state: &state, rows: .last)
    let second = try fixture.model.logits(of: PackedTokens([[3]]), state: &copy, rows: .last)
    #expect(first == second)
    #expect(copy.lengths == [7] && state.lengths == [9])
  }

  @Test(arguments: DecoderFixture.families)
  func `a state is rewound to its prompts, and continues from there`(name: String) throws {
    let fixture = try DecoderFixture(name)
    var (state, tokens) = try fixture.model.begin(
      PackedTokens([fixture.sequences[0], fixture.sequences[3]]))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    let (read, byteCount) = (state.lengths, state.byteCount)
    #expect(byteCount > 0)
    var copy = state
    let expected = try fixture.model.logits(of: PackedTokens([[3], []]), state: &copy, rows: .last)

    _ = try fixture.model.logits(of: PackedTokens([[7, 8, 9], [4]]), state: &state, rows: .last)
    try state.rewind(to: read)
    // Tokens before the window are dropped.
    #expect(state.lengths == read && (1...byteCount).contains(state.byteCount))
    let found = try fixture.model.logits(of: PackedTokens([[3], []]), state: &state, rows: .last)
    #expect(found == expected)
    #expect(state.lengths == [read[0] + 1, read[1]])
  }

  @Test(arguments: DecoderFixture.families)
  func `an invalid rewind is refused, and the state does not change`(name: String) throws {
    let fixture = try DecoderFixture(name)
    var (state, tokens) = try fixture.model.begin(PackedTokens([[1, 2, 3, 4], [5, 6]]))
    _ = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    for step in 0..<12 {
      let next = PackedTokens([[7 + step], [30 + step]])
      _ = try fixture.model.logits(of: next, state: &state, rows: .last)
    }
    var copy = state
    let expected = try fixture.model.logits(
      of: PackedTokens([[3], [4]]), state: &copy, rows: .last)

    for (lengths, words) in [
      ([2], ["lengths", "expected 2", "got 1"]),
      ([16, 15], ["length: expected 0...14", "sequence 1", "got 15"]),
      ([-1, 2], ["length: expected 0...16", "sequence 0", "got -1"]),
      ([.max, .min], ["length: expected 0...16", "got 9223372036854775807"]),
    ] {
      let text = failureText { try state.rewind(to: lengths) }
      for word in words { #expect(text.contains(word), "\(text)") }
    }
    // The blocks of these models have windows of a few tokens.
    let windowed = [
      "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "mixtral", "phi3", "qwen2moe",
    ]
    if windowed.contains(name) {
      let text = failureText { try state.rewind(to: [3, 3]) }
      // Phi-3 computes the first sequence again when it becomes longer than in training, and keeps all its tokens.
      let length = name == "phi3" ? 14 : 16
      #expect(text.contains("from \(length) to 3 tokens: its window of "), "\(text)")
    } else {
      var copy = state
      try copy.rewind(to: [3, 0])
      #expect(copy.lengths == [3, 0])
    }
    let found = try fixture.model.logits(of: PackedTokens([[3], [4]]), state: &state, rows: .last)
    #expect(found == expected && state.lengths == [17, 15])
  }
}
