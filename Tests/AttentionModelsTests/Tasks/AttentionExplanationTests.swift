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

  @Test func `the pieces of a word form one word, and special tokens are words`() throws {
    let explanation = try explainer.explain("Cats sing, the CAT [SEP]")
    #expect(
      explanation.encoding.tokens == [
        "[CLS]", "cat", "##s", "s", "##ing", ",", "the", "cat", "[SEP]", "[SEP]",
      ])
    #expect(
      explanation.words == [0..<1, 1..<3, 3..<5, 5..<6, 6..<7, 7..<8, 8..<9, 9..<10])
    #expect(
      explanation.words.map(explanation.spelling) == [
        "[CLS]", "cats", "sing", ",", "the", "cat", "[SEP]", "[SEP]",
      ])
  }

  @Test func `every token is in one word, in order`() throws {
    let explanation = try explainer.explain("was it naïve? 猫猫 ##s a##s sat")
    #expect(explanation.words.flatMap { Array($0) } == Array(explanation.encoding.ids.indices))
  }

  @Test func `all occurrences of a word are found, in any letter case`() throws {
    let explanation = try explainer.explain("The cat, cats, a CAT")
    #expect(explanation.occurrences(of: "cat") == [2..<3, 8..<9])
    #expect(explanation.occurrences(of: "Cat") == [2..<3, 8..<9])
    #expect(explanation.occurrences(of: "cats") == [4..<6])
    #expect(explanation.occurrences(of: "dog").isEmpty)
    #expect(explanation.occurrences(of: "").isEmpty)
    #expect(explanation.occurrences(of: "[CLS]") == [0..<1])
  }

  @Test func `a word with accents is found with them and without`() throws {
    for text in ["éaé, x", "e\u{301}ae\u{301}, x", "E\u{301}\u{302}aÉ"] {
      let explanation = try explainer.explain(text)
      let word = explanation.words[1]
      #expect(explanation.spelling(of: word) == "eae")
      let start = try #require(text.first)
      for written in ["eae", "EAE", "\(start)aé", "\(start)AE\u{301}"] {
        #expect(explanation.occurrences(of: written) == [word], "\(written) in \(text)")
      }
    }
  }

  @Test func `spelling leaves out tokens that do not exist`() throws {
    let explanation = try explainer.explain("the cats")
    #expect(explanation.spelling(of: 1..<4) == "thecats")
    #expect(explanation.spelling(of: 2..<99) == "cats[SEP]")
    #expect(explanation.spelling(of: 50..<99) == "")
    #expect(explanation.spelling(of: -5..<0) == "")
  }

  @Test func `attention between words is summed over the target and averaged over the source`()
    throws
  {
    let explanation = try explainer.explain("cats sing")
    let (source, target) = (1..<3, 3..<5)
    for layer in explanation.layers.indices {
      for head in 0..<3 {
        let weights = explanation.layers[layer]
        var sum = 0.0
        for query in source {
          for key in target { sum += Double(weights[head, query, key]) }
        }
        let attention = try explanation.attention(
          layer: layer, head: head, from: source, to: target)
        #expect(abs(Double(attention) - sum / 2) < 1e-7)
        let everything = try explanation.attention(
          layer: layer, head: head, from: source, to: 0..<6)
        #expect(abs(everything - 1) < 1e-6)
      }
    }
  }

  @Test func `a layer, head or token that does not exist is refused`() throws {
    let explanation = try explainer.explain("cat")
    for (layer, head, source, target) in [
      (2, 0, 0..<1, 0..<1), (-1, 0, 0..<1, 0..<1), (0, 3, 0..<1, 0..<1), (0, -1, 0..<1, 0..<1),
      (0, 0, 3..<4, 0..<1), (0, 0, 0..<1, 2..<4), (0, 0, -1..<1, 0..<1),
    ] {
      let text = failureText {
        try explanation.attention(layer: layer, head: head, from: source, to: target)
      }
      #expect(text.contains("out of range"), "\(text)")
    }
  }

  @Test func `links have the strongest attention of each head, in order, without special tokens`()
    throws
  {
    let explanation = try explainer.explain("the cats sat, it was tired.")
    let words = explanation.words
    let source = try #require(explanation.occurrences(of: "sat").first)
    for gap in [0, 1, 2] {
      let links = try explanation.strongestLinks(from: source, acrossAtLeast: gap)
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
          try explanation.attention(layer: link.layer, head: link.head, from: source, to: $0)
        }
        #expect(link.weight == weights.max())
      }
    }
    #expect(try explanation.strongestLinks(from: source, acrossAtLeast: 99).isEmpty)
  }

  @Test func `a text longer than the model is refused`() throws {
    let text = failureText { try explainer.explain(String(repeating: "a ", count: 23)) }
    #expect(text == "text: 25 tokens, longer than the limit of 24")
    let longest = try explainer.explain(String(repeating: "a ", count: 22))
    #expect(longest.layers.map(\.shape) == [[3, 24, 24], [3, 24, 24]])
  }

  @Test func `an empty text is its special tokens`() throws {
    let explanation = try explainer.explain("")
    #expect(explanation.words == [0..<1, 1..<2])
    #expect(try explanation.strongestLinks(from: 0..<1).isEmpty)
  }
}
