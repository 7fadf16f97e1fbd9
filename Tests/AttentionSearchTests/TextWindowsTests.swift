import TestSupport
import Testing

@testable import AttentionSearch

@Suite struct TextWindowsTests {
  private func starts(_ text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    let bounds = [0] + SentenceEnds.sentenceStarts(in: scalars) + [scalars.count]
    return zip(bounds, bounds.dropFirst()).map {
      String(String.UnicodeScalarView(scalars[$0..<$1]))
    }
  }

  @Test func `Sentences end at full stops, question marks and empty lines`() {
    #expect(starts("A cat. A dog? Yes! No… End") == ["A cat. ", "A dog? ", "Yes! ", "No… ", "End"])
    #expect(starts("He said “Stop.” Then he left.") == ["He said “Stop.” ", "Then he left."])
    #expect(starts("Title\n\nThe text\ngoes on.") == ["Title\n\n", "The text\ngoes on."])
    #expect(starts("猫。犬！鳥") == ["猫。", "犬！", "鳥"])
    #expect(starts("") == [""])
  }

  @Test func `Abbreviations, initials and numbers end no sentence`() {
    for text in [
      "Dr. Who met J. Smith.", "It costs 3.14 in all.", "Cats, e.g. Tom, sleep.", "See fig. 3",
      "wait... what", "a.b.c",
    ] { #expect(starts(text) == [text]) }
  }

  /// A text in which each scalar is a token.
  private func windows(
    _ text: String, limit: Int, overlap: Int
  ) -> [Range<Int>] {
    let scalars = Array(text.unicodeScalars)
    return TextWindows(
      tokenStarts: Array(scalars.indices), scalarCount: scalars.count,
      sentenceStarts: SentenceEnds.sentenceStarts(in: scalars),
      wordStarts: SentenceEnds.wordStarts(in: scalars)
    ).ranges(tokenLimit: limit, overlap: overlap)
  }

  @Test func `Windows cover the text, within the limit, with at most the overlap`() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<300 {
      let count = Int.random(in: 0...120, using: &generator)
      let text = String(
        (0..<count).map { _ in "abcdef . \n".randomElement(using: &generator) ?? "a" })
      let limit = Int.random(in: 1...30, using: &generator)
      let overlap = Int.random(in: 0...12, using: &generator)
      let ranges = windows(text, limit: limit, overlap: overlap)
      #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == text.unicodeScalars.count)
      for (range, next) in zip(ranges, ranges.dropFirst()) {
        #expect(next.lowerBound > range.lowerBound && next.upperBound > range.upperBound)
        #expect(next.lowerBound <= range.upperBound)
        #expect(range.upperBound - next.lowerBound <= overlap)
      }
      for range in ranges { #expect(range.count <= limit) }
    }
  }

  @Test func `A window ends at the last sentence that fits, and repeats whole sentences`() {
    let text = "Aaa bbb. Ccc. Ddd eee fff. Ggg."
    #expect(windows(text, limit: 15, overlap: 0) == [0..<14, 14..<27, 27..<31])
    #expect(windows(text, limit: 15, overlap: 6) == [0..<14, 14..<27, 27..<31])
    #expect(windows(text, limit: 19, overlap: 6) == [0..<14, 9..<27, 27..<31])
    // The overlap would be the whole window: its first sentence is not repeated.
    #expect(
      windows("Aaa aaa aaa. Bbb. Ccc. Dddd d.", limit: 13, overlap: 11)
        == [0..<13, 13..<23, 18..<30])
    // Without the end of a sentence, a window ends before a word; without that, anywhere.
    #expect(windows("aaa bbb ccc", limit: 9, overlap: 0) == [0..<8, 8..<11])
    #expect(windows("aaaaaaaaaa", limit: 4, overlap: 0) == [0..<4, 4..<8, 8..<10])
  }

  @Test func `Passages of a long document fit into the model and cover the text`() throws {
    let fixture = try SearchFixture()
    let sentence = "The cat sat on the mat. It was tired because the river bank was money! "
    let text = String(repeating: sentence, count: 20) + String(repeating: "猫é", count: 30)
    for overlap in [0, 3, 100] {
      for maxTokens in [nil, 5, 8, 1] {
        let cutter = PassageCutter(
          embedder: fixture.model.embedder, prompt: .document,
          options: PassageOptions(maxTokens: maxTokens, overlap: overlap))
        let passages = try cutter.passages(of: [text, "", "cat"])
        #expect(passages[1].map(\.range) == [0..<0] && passages[2].map(\.range) == [0..<3])
        var end = 0
        for passage in passages[0] {
          #expect(passage.range.lowerBound <= end)
          #expect(!passage.encoding.wasTruncated || passage.range.count == 1)
          #expect(passage.encoding.count <= max(3, maxTokens ?? 12) || passage.range.count == 1)
          end = max(end, passage.range.upperBound)
        }
        #expect(end == text.unicodeScalars.count)
      }
    }
  }
}
