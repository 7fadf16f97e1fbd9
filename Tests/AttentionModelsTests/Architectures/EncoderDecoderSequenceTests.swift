import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Errors for token sequences that do not fit an encoder–decoder or each other.
@Suite struct EncoderDecoderSequenceTests {
  static let names = ["T5/v1.0", "BART/plain"]

  private func failure(beginning name: String, _ prompts: PackedTokens) throws -> String {
    let model = try EncoderDecoderFixture(name).model
    return failureText { try model.begin(prompts) }
  }

  @Test(arguments: names) func `a prompt without tokens is refused, and a batch without prompts`(
    name: String
  ) throws {
    let empty = try failure(beginning: name, PackedTokens([[3], [], [4]]))
    #expect(empty.hasPrefix("prompt 1: empty"), "\(empty)")
    let none = try failure(beginning: name, PackedTokens([[Int]]()))
    #expect(none.hasPrefix("prompts: expected at least 1"), "\(none)")
  }

  @Test(arguments: names, [64, -1, .max, .min])
  func `an id outside the vocabulary is named`(name: String, id: Int) throws {
    let text = try failure(beginning: name, PackedTokens([[3], [4, id]]))
    #expect(text.contains("\(id) is out of range"), "\(text)")

    let fixture = try EncoderDecoderFixture(name)
    var state = try fixture.begin()
    let tokens = PackedTokens([[3], [4, id], [], [1]])
    let later = failureText {
      try fixture.model.logits(of: tokens, state: &state, rows: .last)
    }
    #expect(later.contains("\(id) is out of range"), "\(later)")
    #expect(state.lengths == [0, 0, 0, 0])
  }

  @Test(arguments: names, [[1, 1], [4], [-1, 4], [3, .max], [.max, .max], [2, -.max, .max]])
  func `lengths that do not add up to the number of ids are refused`(name: String, lengths: [Int])
    throws
  {
    let text = try failure(
      beginning: name, PackedTokens(ids: [2, 7, 3], lengths: lengths))
    #expect(text.contains("lengths"), "\(text)")
  }

  @Test(arguments: names) func `there must be tokens for each sequence of the state`(
    name: String
  ) throws {
    let fixture = try EncoderDecoderFixture(name)
    var state = try fixture.begin()
    for sequences in [[], [[3]], [[3], [4], [5], [6], [7]]] as [[[Int]]] {
      let text = failureText {
        try fixture.model.logits(of: PackedTokens(sequences), state: &state, rows: .last)
      }
      #expect(text.contains("lengths: expected 4"), "\(text)")
    }
  }

  @Test func `a prompt longer than BART's positions is refused with both lengths`() throws {
    let prompts = PackedTokens([[3], Array(repeating: 7, count: 41)])
    let text = try failure(beginning: "BART/plain", prompts)
    #expect(text == "prompt 1: 41 tokens, longer than the limit of 40")
    // T5 has no limit.
    let model = try EncoderDecoderFixture("T5/v1.0").model
    #expect(model.maxLength == nil)
    let long = PackedTokens([Array(repeating: 7, count: 700)])
    var (state, start) = try model.begin(long)
    #expect(try model.logits(of: start, state: &state, rows: .last).shape == [1, 64])
  }

  @Test func `a text longer than BART's positions is refused, and the state stays usable`() throws {
    let fixture = try EncoderDecoderFixture("BART/plain")
    #expect(fixture.model.maxLength == 40)
    var state = try fixture.begin()
    let halves = fixture.texts.lengths.map { 0..<$0 / 2 }
    _ = try fixture.model.logits(of: fixture.texts(halves), state: &state, rows: .last)
    let excess = PackedTokens([[3], Array(repeating: 3, count: 21), [3], [3]])
    let text = failureText {
      try fixture.model.logits(of: excess, state: &state, rows: .last)
    }
    #expect(text == "sequence 1: 41 tokens, longer than the limit of 40")
    #expect(state.lengths == halves.map(\.count))
    try expectRest(fixture, halves, &state)
  }

  @Test(arguments: names) func `no tokens give no logits, and change nothing`(name: String) throws {
    let fixture = try EncoderDecoderFixture(name)
    var state = try fixture.begin()
    for rows in [LogitRows.all, .last] {
      let logits = try fixture.model.logits(
        of: PackedTokens([[], [], [], []]), state: &state, rows: rows)
      #expect(logits.shape == [0, 64])
    }
    try expectRest(fixture, fixture.texts.lengths.map { _ in 0..<0 }, &state)
  }

  @Test(arguments: names) func `a selection that is refused leaves the state as it was`(
    name: String
  ) throws {
    let fixture = try EncoderDecoderFixture(name)
    var state = try fixture.begin()
    for selection in [[4], [0, -1], []] {
      #expect(failureText { try state.select(selection) }.contains("sequences"))
    }
    try expectRest(fixture, fixture.texts.lengths.map { _ in 0..<0 }, &state)
  }

  /// Compares the logits of the next tokens with PyTorch's.
  private func expectRest(
    _ fixture: EncoderDecoderFixture, _ read: [Range<Int>], _ state: inout DecodingState
  ) throws {
    let rest = zip(read, fixture.texts.lengths).map { $0.upperBound..<$1 }
    let logits = try fixture.model.logits(of: fixture.texts(rest), state: &state, rows: .all)
    try fixture.expectPyTorchs(logits, fixture.expectedRows(rest), "the rest")
  }
}
