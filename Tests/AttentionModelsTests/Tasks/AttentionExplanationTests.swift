import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct AttentionExplanationTests {
  private let explainer: AttentionExplainer

  init() throws {
    let folder = try SentenceFixture.folder("cls")
    explainer = try AttentionExplainer(model: folder.path)
  }

  private func map(_ text: String) throws -> AttentionMap {
    try explainer.explain(text).maps[0]
  }

  @Test func `the pieces of a word form one word, and special tokens are words`() throws {
    let map = try map("Cats sing, the CAT [SEP]")
    #expect(
      map.queries.tokens == [
        "[CLS]", "cat", "##s", "s", "##ing", ",", "the", "cat", "[SEP]", "[SEP]",
      ])
    #expect(
      map.queries.words == [0..<1, 1..<3, 3..<5, 5..<6, 6..<7, 7..<8, 8..<9, 9..<10])
    #expect(
      map.queries.words.map(map.queries.spelling) == [
        "[CLS]", "cats", "sing", ",", "the", "cat", "[SEP]", "[SEP]",
      ])
  }

  @Test func `every token is in one word, in order`() throws {
    let map = try map("was it naïve? 猫猫 ##s a##s sat")
    #expect(map.queries.words.flatMap { Array($0) } == Array(map.queries.ids.indices))
  }

  @Test func `all occurrences of a word are found, in any letter case`() throws {
    let map = try map("The cat, cats, a CAT")
    #expect(map.queries.occurrences(of: "cat") == [2..<3, 8..<9])
    #expect(map.queries.occurrences(of: "Cat") == [2..<3, 8..<9])
    #expect(map.queries.occurrences(of: "cats") == [4..<6])
    #expect(map.queries.occurrences(of: "dog").isEmpty)
    #expect(map.queries.occurrences(of: "").isEmpty)
    #expect(map.queries.occurrences(of: "[CLS]") == [0..<1])
  }

  @Test func `a word with accents is found with them and without`() throws {
    for text in ["éaé, x", "e\u{301}ae\u{301}, x", "E\u{301}\u{302}aÉ"] {
      let map = try map(text)
      let word = map.queries.words[1]
      #expect(map.queries.spelling(of: word) == "eae")
      let start = try #require(text.first)
      for written in ["eae", "EAE", "\(start)aé", "\(start)AE\u{301}"] {
        #expect(map.queries.occurrences(of: written) == [word], "\(written) in \(text)")
      }
    }
  }

  @Test func `spelling leaves out tokens that do not exist`() throws {
    let map = try map("the cats")
    #expect(map.queries.spelling(of: 1..<4) == "thecats")
    #expect(map.queries.spelling(of: 2..<99) == "cats[SEP]")
    #expect(map.queries.spelling(of: 50..<99) == "")
    #expect(map.queries.spelling(of: -5..<0) == "")
  }

  @Test func `attention between words is summed over the target and averaged over the source`()
    throws
  {
    let map = try map("cats sing")
    let (source, target) = (1..<3, 3..<5)
    for layer in map.layers.indices {
      for head in 0..<3 {
        let weights = map.layers[layer]
        var sum = 0.0
        for query in source {
          for key in target { sum += Double(weights[head, query, key]) }
        }
        let attention = try map.attention(
          layer: layer, head: head, from: source, to: target)
        #expect(abs(Double(attention) - sum / 2) < 1e-7)
        let everything = try map.attention(
          layer: layer, head: head, from: source, to: 0..<6)
        #expect(abs(everything - 1) < 1e-6)
      }
    }
  }

  @Test func `a layer, head or token that does not exist is refused`() throws {
    let map = try map("cat")
    for (layer, head, source, target) in [
      (2, 0, 0..<1, 0..<1), (-1, 0, 0..<1, 0..<1), (0, 3, 0..<1, 0..<1), (0, -1, 0..<1, 0..<1),
      (0, 0, 3..<4, 0..<1), (0, 0, 0..<1, 2..<4), (0, 0, -1..<1, 0..<1),
    ] {
      let text = failureText {
        try map.attention(layer: layer, head: head, from: source, to: target)
      }
      #expect(text.contains("out of range"), "\(text)")
    }
  }

  @Test func `links have the strongest attention of each head, in order, without special tokens`()
    throws
  {
    let map = try map("the cats sat, it was tired.")
    let words = map.queries.words
    let source = try #require(map.queries.occurrences(of: "sat").first)
    for gap in [0, 1, 2] {
      let links = try map.strongestLinks(from: source, acrossAtLeast: gap)
      #expect(links.count == 6)
      #expect(Set(links.map { [$0.layer, $0.head] }).count == 6)
      #expect(links.map(\.weight) == links.map(\.weight).sorted(by: >))
      let place = try #require(words.firstIndex(of: source))
      let allowed = words.indices
        .filter { abs($0 - place) > gap && (1..<words.count - 1).contains($0) }
        .map { words[$0] }
      for link in links {
        #expect(link.source == source)
        #expect(allowed.contains(link.target))
        let weights = try allowed.map {
          try map.attention(layer: link.layer, head: link.head, from: source, to: $0)
        }
        #expect(link.weight == weights.max())
      }
    }
    #expect(try map.strongestLinks(from: source, acrossAtLeast: 99).isEmpty)
  }

  @Test func `a text longer than the model is refused`() throws {
    let text = failureText { try explainer.explain(String(repeating: "a ", count: 23)) }
    #expect(text == "text: 25 tokens, longer than the limit of 24")
    let longest = try map(String(repeating: "a ", count: 22))
    #expect(longest.layers.map(\.shape) == [[3, 24, 24], [3, 24, 24]])
  }

  @Test func `an empty text is its special tokens`() throws {
    let map = try map("")
    #expect(map.queries.words == [0..<1, 1..<2])
    #expect(try map.strongestLinks(from: 0..<1).isEmpty)
  }
}
