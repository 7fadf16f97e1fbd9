import TestSupport
import Testing

@testable import AttentionModels

@Suite struct StopStringTests {
  /// The text that passes, piece by piece, and the match.
  private func run(_ pieces: [String], _ stops: [String]) -> (shown: [String], match: String?) {
    var matcher = StopStrings(stops)
    var shown: [String] = []
    for piece in pieces {
      let (passed, match) = matcher.append(piece.utf8)
      shown.append(String(decoding: passed, as: UTF8.self))
      if let match { return (shown, match) }
    }
    shown.append(String(decoding: matcher.finish(), as: UTF8.self))
    return (shown, nil)
  }

  /// The expected result, found in the whole text: the text before the stop string that is complete
  /// first.
  private func expected(_ text: String, _ stops: [String]) -> (text: String, match: String?) {
    let bytes = Array(text.utf8)
    for end in bytes.indices.map({ $0 + 1 }) {
      let complete = stops.filter { bytes[..<end].suffix($0.utf8.count).elementsEqual($0.utf8) }
      guard let match = complete.max(by: { $0.utf8.count < $1.utf8.count }) else { continue }
      return (String(decoding: bytes[..<(end - match.utf8.count)], as: UTF8.self), match)
    }
    return (text, nil)
  }

  @Test func `the text does not depend on how it is cut into pieces`() {
    var generator = SeededGenerator(seed: 3)
    let stops = [["aab"], ["aa", "ab"], ["abab", "ba"], ["b"], ["aaaa"], ["abaab", "baa", "c"]]
    for round in 0..<3000 {
      let letters = (0..<Int.random(in: 0...14, using: &generator)).map { _ in
        "aaabbc".randomElement(using: &generator) ?? "a"
      }
      let strings = stops[round % stops.count]
      var pieces: [String] = []
      var rest = letters[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...min(4, rest.count), using: &generator)
        pieces.append(String(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      let (shown, match) = run(pieces, strings)
      let wanted = expected(String(letters), strings)
      #expect(shown.joined() == wanted.text, "\(pieces) \(strings)")
      #expect(match == wanted.match, "\(pieces) \(strings)")
    }
  }

  @Test func `a possible beginning of a stop string is held back until it is refuted`() {
    #expect(run(["x", "EN", "D"], ["END"]).shown == ["x", "", ""])
    #expect(run(["xE", "N", "E", "ND!"], ["END"]).shown == ["x", "", "EN", ""])
    #expect(run(["xE", "N", "X"], ["END"]).shown == ["x", "", "ENX", ""])
    #expect(run(["EEN"], ["END"]).shown == ["E", "EN"])
  }

  @Test func `text that is held back is released at the end`() {
    #expect(run(["a", "##"], ["###"]).shown == ["a", "", "##"])
  }

  @Test func `characters of several bytes are never cut`() {
    // "é" and "è" begin with the same byte.
    let (shown, match) = run(["caf\u{E8}", " \u{E9}t\u{E9}"], ["\u{E9}"])
    #expect(shown == ["caf\u{E8}", " "])
    #expect(match == "\u{E9}")
    var matcher = StopStrings(["\u{E9}"])
    let bytes = Array("\u{E8}".utf8)
    #expect(matcher.append(bytes[..<1]).passed.isEmpty)
    #expect(matcher.append(bytes[1...]).passed == bytes)
  }

  @Test func `of several stop strings that end together, the longest counts`() {
    #expect(run(["one two"], ["two", "one two", "wo"]).match == "one two")
  }

  @Test func `spaces before punctuation are removed as by transformers`() {
    let cases = [
      ("Hello , world .", "Hello, world."), ("it 's n't ' a ' I 'm we 've", "it'sn't'a'I'm we've"),
      ("  , ' ' .", " ,''."), ("is it ? no !", "is it? no!"), (" '", " '"), ("", ""),
      ("we 're 'revealed", "we're'revealed"),
    ]
    for (text, wanted) in cases {
      for size in 1...4 {
        var cleanup = SpaceCleanup()
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
          result += cleanup.append(Array(rest.prefix(size)))
          rest = rest.dropFirst(size)
        }
        result += cleanup.finish()
        #expect(String(decoding: result, as: UTF8.self) == wanted, "\(text) by \(size)")
      }
    }
  }
}
