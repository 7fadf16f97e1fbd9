import Attention
import TestSupport
import Testing

@testable import Tokenizers

@Suite struct WindowTests {
  private let text = "the quick brown fox, the lazy dog: attention is all you need"

  /// DeBERTa's tokenizer: `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`.
  private func deberta() throws -> Tokenizer {
    try #require(TokenizerFolder.all().folders.first { $0.name == "deberta" }).tokenizer()
  }

  @Test(arguments: ["t5", "xlm-roberta", "deberta-v3"], [8, 11, 40])
  func `windows share their overlap and cover the text`(name: String, maxLength: Int) throws {
    let tokenizer = try FamilyFixtures.tokenizer(name)
    let whole = try tokenizer.encode(text, addingSpecialTokens: false)
    let special = try tokenizer.encode(text).count - whole.count
    for overlap in [0, 2, 100] {
      let windows = try tokenizer.windows(of: text, maxLength: maxLength, overlap: overlap)
      let room = maxLength - special
      let step = room - min(overlap, room - 1)
      for (index, window) in windows.enumerated() {
        let expected = index * step..<min(index * step + room, whole.count)
        #expect(Array(window.encoding.ids[window.tokens]) == Array(whole.ids[expected]))
        #expect(Array(window.encoding.offsets[window.tokens]) == Array(whole.offsets[expected]))
        #expect(window.encoding.count == expected.count + special)
        #expect((index == windows.count - 1) == (expected.upperBound == whole.count))
      }
    }
    let first = try tokenizer.windows(of: text, maxLength: maxLength, overlap: 0)[0]
    #expect(first.encoding.ids == (try tokenizer.encode(text, maxLength: maxLength)).ids)
  }

  @Test func `each window repeats the question`() throws {
    let tokenizer = try deberta()
    let question = try tokenizer.encode("the dog", addingSpecialTokens: false)
    let windows = try tokenizer.windows(of: text, after: "the dog", maxLength: 20, overlap: 3)
    #expect(windows.count > 2)
    for window in windows {
      #expect(Array(window.encoding.ids[1..<1 + question.count]) == question.ids)
      #expect(window.tokens.lowerBound == question.count + 2)
      #expect(window.encoding.typeIDs[window.tokens].allSatisfy { $0 == 1 })
    }
    let empty = try tokenizer.windows(of: "", after: "the dog", maxLength: 20, overlap: 3)
    #expect(empty.count == 1 && empty[0].tokens.isEmpty)
  }

  @Test func `a length without room is refused`() throws {
    let tokenizer = try deberta()
    let long = String(repeating: "dog ", count: 20)
    #expect(
      failureText { try tokenizer.windows(of: "x", after: long, maxLength: 20, overlap: 0) }
        .contains("leave no room for the context: the limit is 20"))
    #expect(
      failureText { try tokenizer.windows(of: "x", maxLength: 2, overlap: 0) }
        .contains("maxLength: expected at least 3"))
    #expect(
      failureText { try tokenizer.encode(cutting: "x", pair: long, maxLength: 20) }
        .contains("leave no room for the text"))
  }

  @Test func `only the first text is cut`() throws {
    let tokenizer = try deberta()
    let second = try tokenizer.encode("the dog", addingSpecialTokens: false)
    let whole = try tokenizer.encode(text, addingSpecialTokens: false)
    let encoding = try tokenizer.encode(cutting: text, pair: "the dog", maxLength: 16)
    let room = 16 - 3 - second.count
    #expect(encoding.count == 16)
    #expect(Array(encoding.ids[1..<1 + room]) == Array(whole.ids.prefix(room)))
    #expect(Array(encoding.ids[(room + 2)..<15]) == second.ids)
  }

  @Test func `pieces of a word have its number`() throws {
    let tokenizer = try deberta()
    let encoding = try tokenizer.encode("quick jumps [MASK] x", pair: "jumps")
    // Every token that begins with "▁" begins a word.
    var previous = -1
    for (index, word) in encoding.words.enumerated() {
      guard let word else {
        previous = -1
        continue
      }
      let begins = encoding.tokens[index].hasPrefix("▁") || encoding.tokens[index] == "[MASK]"
      #expect((word != previous) == begins, "\(encoding.tokens) \(encoding.words)")
      previous = word
    }
    #expect(encoding.words.first == .some(nil) && encoding.words.last == .some(nil))
  }
}
