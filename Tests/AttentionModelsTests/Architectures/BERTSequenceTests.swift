import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Errors for token sequences that do not fit the model or each other.
@Suite struct BERTSequenceTests {
  private let model: BERT

  init() throws { model = try BERT(ModelDirectory(path: Fixtures.path("BERT/plain"))) }

  private func failure(_ ids: [Int], _ segments: [Int]? = nil, _ lengths: [Int]? = nil) -> String {
    failureText { try model(PackedTokens(ids: ids, segments: segments, lengths: lengths)) }
  }

  @Test func `a sequence longer than the model is refused with both lengths`() {
    let text = failure(Array(repeating: 7, count: 25 + 3), nil, [3, 25])
    #expect(text.contains("25 tokens, longer than the limit of 24"), "\(text)")
  }

  @Test(arguments: [75, -1, .max, .min]) func `an id outside the vocabulary is named`(id: Int) {
    let text = failure([2, id, 3])
    #expect(text.contains("\(id) is out of range for an embedding of 75 rows"), "\(text)")
  }

  @Test func `a segment out of range is named`() {
    #expect(failure([2, 3], [0, 2]).contains("2 is out of range for an embedding of 2 rows"))
  }

  @Test(arguments: [[1, 1], [4], [-1, 4], [3, .max], [.max, .max], [2, -.max, .max]])
  func `lengths that do not add up to the number of ids are refused`(lengths: [Int]) {
    let text = failure([2, 7, 3], nil, lengths)
    #expect(text.contains("lengths"), "\(text)")
  }

  @Test(arguments: [[], [0, 0], [0, 0, 0, 0]]) func `there must be one segment per token`(
    segments: [Int]
  ) {
    let text = failure([2, 7, 3], segments)
    #expect(text.contains("segments: expected 3, one per token, got \(segments.count)"), "\(text)")
  }

  @Test func `no tokens give no hidden states`() throws {
    for lengths in [[], [0], [0, 0]] {
      let output = try model(PackedTokens(ids: [], lengths: lengths), returningWeights: true)
      #expect(output.hiddenStates.shape == [0, 24])
      #expect(output.attentionWeights.map(\.shape) == [[3, 0, 0], [3, 0, 0]])
    }
  }

  @Test func `an empty sequence between others changes nothing`() throws {
    let ids = [2, 40, 41, 3, 2, 12, 3]
    let plain = try model(PackedTokens(ids: ids, lengths: [4, 3]))
    let gapped = try model(PackedTokens(ids: ids, lengths: [0, 4, 0, 0, 3, 0]))
    #expect(plain.hiddenStates == gapped.hiddenStates)
  }
}
