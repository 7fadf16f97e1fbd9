import TestSupport
import Testing

@testable import Tokenizers

@Suite struct PatternTests {
  @Test func `split patterns of published tokenizers match the reference`() throws {
    let texts = try PatternFixtures.texts()
    let samples = try PatternFixtures.samples()
    #expect(texts.count >= 500)
    #expect(samples.count >= 45)
    for sample in samples {
      let pattern = TextPattern.automaton(try PatternAutomaton(sample.pattern))
      #expect(sample.cuts.count == texts.count)
      for (text, expected) in zip(texts, sample.cuts) {
        let cuts = PatternFixtures.cuts(pattern.matches(in: text), of: text)
        #expect(cuts == expected, "\(sample.name): \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: WordPattern.known.indices)
  func `the scanner of a common pattern agrees with the automaton`(index: Int) throws {
    let (text, scanner) = WordPattern.known[index]
    let automaton = TextPattern.automaton(try PatternAutomaton(text))
    let alphabet = Array(
      "aZsS'lrevEtTdDmM \u{A0}\u{3000}\n\r\t19\u{662}\u{BD}\u{2167}\u{4E2D}\u{E9}\u{301}\u{17F}\u{212A}.,!_-\u{200D}\u{1F600}\u{1C5}"
        .unicodeScalars)
    var generator = SeededGenerator(seed: 9)
    let random = (0..<2000).map { _ in
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 1...30, using: &generator) {
        text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
      }
      return String(text)
    }
    for text in try PatternFixtures.texts() + random {
      let matches = TextPattern.words(scanner).matches(in: text)
      #expect(matches == automaton.matches(in: text), "\(text.debugDescription)")
    }
  }

  @Test(arguments: [
    (#"(ab)\1"#, #"back-reference \1 at character 7"#), (#"([&&a])\1*"#, "back-reference"),
    (#"(?<n>a)\k<n>"#, #"back-reference \k"#),
    ("(?<=ab)c", "look-behind"), ("(?<!a|bc)d", "look-behind"), ("(?>a|ab)c", "atomic group"),
    ("(?:ab)++", "possessive"), ("(?:a*)*", "empty text"), ("(?:a?){2}", "empty text"),
    ("(?=a(?=bc))d", "look-ahead in a look-ahead"),
    ("(?!ab)(?!cd)(?!ef)(?!gh)i", "more than 3 look-aheads"), (#"\p{Klingon}"#, #"\p{Klingon}"#),
    (#"\pL"#, "property without braces"), ("[[:sound:]]", "[:sound:]"), (#"\X"#, #"escape \X"#),
    (#"\R"#, #"escape \R"#), (#"[\R]"#, #"escape \R in a character class"#), (#"\xE2"#, "byte"),
    (#"\x{110000}"#, "code point"), (#"\u12"#, "code point"), ("(?x)a b", "kind of group"),
    ("(?~a)", "kind of group"), ("(a", #"unmatched "(""#), ("a)", #"unmatched ")""#),
    ("[a", #"unmatched "[""#), (#"a\"#, "backslash"), ("*a", "nothing to repeat"),
    ("a|+", "nothing to repeat"), ("$*", "quantifier after an assertion"),
    ("^?", "quantifier after an assertion"), (#"\b*"#, "quantifier after an assertion"),
    (#"a\B{2}"#, "quantifier after an assertion"), ("{2}", "nothing to repeat"),
    ("(?:{1,3}a)", "nothing to repeat"), ("a|{,2}", "nothing to repeat"), ("(?)", "kind of group"),
    ("(?:a)(?)b", "kind of group"), ("(?<>a)", "name of a group"), ("(?<1>a)", "name of a group"),
    ("(?<a(>b)", "name of a group"), ("(?<a", "unmatched"), ("[z-a]", "empty range"),
    (#"[\w-z]"#, "hyphen"), ("[a-z-9]", "hyphen"), ("a{3,1}", "minimum 3"),
    ("a{1000}{1000}", "too large"), ("a{99999}", "too large"),
    ("(?:a|b)*a(?:a|b){12}", "512 states"),
    (String(repeating: "(", count: 100), "nested"), (String(repeating: "[", count: 100), "nested"),
    (String(repeating: "a", count: 5000), "5000 characters"),
  ])
  func `an unsupported pattern throws with the construct`(
    pattern: String, word: String
  ) {
    let error = #expect(throws: PatternError.self) { try PatternAutomaton(pattern) }
    #expect(error?.reason.contains(word) == true, "\(error?.reason ?? "")")
  }

  /// Patterns for which a backtracking matcher takes quadratic or exponential time, with the number of
  /// matches in `count` copies of the unit (−n: `count / n`).
  @Test(
    .hangLimit,
    arguments: [
      (#"(a+)+$"#, "a", 1), (#"(a+)+$"#, "ab", 0), ("(?:a|aa)+b", "a", 0), ("a*a*a*a*a*c", "a", 0),
      ("[a-z]+[0-9]", "a", 0), ("(?:a.*z|a)", "a", -1), (#"(?:\s.*z|\s)"#, " ", -1),
      ("(?=a*b)a", "a", 0), ("(?!a*b)a", "a", -1), (#"(?=(?:aa)+$)a"#, "a", -2),
      (#"(?=(\d{3})+(?!\d))"#, "1", -3), (#"\s+(?!\S)|\s+$"#, " ", 1),
      (#"\s*\n|\s+(?!\S)|\s"#, " ", 1),
      ("(x+x+)+y", "x", 0), ("(.*)(.*)(.*)(.*)x", "a", 0), (#"(?:é.*z|é)"#, "é", -1),
      ("a?a?a?$", "a", 1),
    ])
  func `a pattern matches a long text of one unit`(
    expression: String, unit: String, expected: Int
  ) throws {
    #if DEBUG
      let count = 60_000
    #else
      let count = 1_200_000
    #endif
    let pattern = TextPattern.automaton(try PatternAutomaton(expression))
    // Quadratic time would take hours; the time limit only ends such a run.
    let found = pattern.matches(in: String(repeating: unit, count: count)).count
    #expect(found == (expected < 0 ? count / -expected : expected))
  }

  @Test(arguments: [
    "(?:a.*z|a)", "(?=a*b)a|a", "(?:a(?:..)*z|a)", "(?:a(?:...)*z|a(?=(?:aa)*$)|b)",
  ])
  func `a low limit on recorded points does not change the matches`(expression: String) throws {
    let automaton = try PatternAutomaton(expression)
    for text in [3000, 3001].flatMap({ count in
      ["", "z", "b", "zaaab"].map { Array((String(repeating: "a", count: count) + $0).utf8) }
    }) {
      var matches: [Range<Int>] = []
      var matchesWithLimit: [Range<Int>] = []
      automaton.forEachMatch(in: text.span, 0..<text.count) { matches.append($0) }
      automaton.forEachMatch(in: text.span, 0..<text.count, pointLimit: 4) {
        matchesWithLimit.append($0)
      }
      #expect(!matches.isEmpty)
      #expect(matches == matchesWithLimit)
    }
  }

  @Test(arguments: [
    (PatternSplitter.Behavior.removed, false, ["a", "b", "c"], ["a", "b", "b"]),
    (.removed, true, ["-", "-", " ", "-", " "], [" ", " "]),
    (.isolated, false, ["a", "-", "-", "b", " ", "c", "-", " "], [" ", "a", "b", " ", "b"]),
    (.isolated, true, ["a", "-", "-", "b", " ", "c", "-", " "], [" ", "a", "b", " ", "b"]),
    (.mergedWithPrevious, false, ["a-", "-", "b ", "c-", " "], [" ", "a", "b ", "b"]),
    (.mergedWithPrevious, true, ["a", "-", "-b", " c", "-", " "], [" a", "b", " b"]),
    (.mergedWithNext, false, ["a", "-", "-b", " c", "-", " "], [" a", "b", " b"]),
    (.mergedWithNext, true, ["a-", "-", "b ", "c-", " "], [" ", "a", "b ", "b"]),
    (.contiguous, false, ["a", "--", "b", " ", "c", "- "], [" ", "a", "b", " ", "b"]),
    (.contiguous, true, ["a", "--", "b", " ", "c", "- "], [" ", "a", "b", " ", "b"]),
  ])
  func `every split behavior matches the reference, including at empty matches`(
    behavior: PatternSplitter.Behavior, isInverted: Bool, parts: [String], emptyParts: [String]
  ) throws {
    for (pattern, text, expected) in [
      (#"\s|-"#, "a--b c- ", parts), (#"(?=b)|\s"#, " ab b", emptyParts),
    ] {
      let splitter = PatternSplitter(
        .automaton(try PatternAutomaton(pattern)), behavior, isInverted: isInverted)
      #expect(words(of: text, splitter) == expected)
    }
  }

  @Test func `splits by script and by fixed length match the reference`() throws {
    #expect(
      words(of: "  ab один、カな漢 x1", UnicodeScriptSplitter())
        == ["ab ", "один", "、", "カな漢 ", "x", "1"])
    #expect(words(of: "  ", UnicodeScriptSplitter()) == [])
    #expect(TextPattern.automaton(try PatternAutomaton("$")).matches(in: "") == [])
    #expect(
      words(of: "aébc12中文日本語", FixedLengthSplitter(length: 3)) == ["aéb", "c12", "中文日", "本語"])
  }

  private func words(of text: String, _ splitter: some PreTokenizer) -> [String] {
    let text = NormalizedText(Array(text.utf8)[...], firstScalar: 0)
    var words = PreTokenizedText(text: text, pieces: [0..<text.bytes.count])
    splitter.split(&words)
    return words.pieces.map { String(decoding: words.text.bytes[$0], as: UTF8.self) }
  }

  @Test func `operations on scalar sets agree with Set`() {
    var generator = SeededGenerator(seed: 4)
    func random() -> (ScalarSet, Set<UInt32>) {
      let members = (0..<30).map { _ in UInt32.random(in: 0..<60, using: &generator) }
      return (ScalarSet(members), Set(members))
    }
    for _ in 0..<50 {
      let (first, firstMembers) = random()
      let (second, secondMembers) = random()
      for scalar in UInt32(0)..<70 {
        let (isFirst, isSecond) = (firstMembers.contains(scalar), secondMembers.contains(scalar))
        #expect(first.contains(scalar) == isFirst)
        #expect(first.inverted.contains(scalar) == !isFirst)
        #expect(first.union(second).contains(scalar) == (isFirst || isSecond))
        #expect(first.intersection(second).contains(scalar) == (isFirst && isSecond))
      }
      #expect(first.count == firstMembers.count)
      #expect(first.inverted.inverted == first)
    }
  }
}
