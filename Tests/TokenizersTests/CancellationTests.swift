import TestSupport
import Testing

@testable import Tokenizers

/// Each step of tokenization ends early in a cancelled task, so that no step of a long text delays the
/// cancellation.
@Suite struct CancellationTests {
  /// 150,000 words of letters, digits, symbols, accents and Chinese characters.
  private static let text = String(repeating: "Ab é 1. \u{4E2D}\u{301} e\u{301} ", count: 25_000)

  private static let normalizers: [(String, any Normalizer)] = [
    (
      "BertNormalizer",
      BertNormalizer(cleansText: true, spacesChinese: true, stripsAccents: true, lowercases: true)
    ),
    ("LowercaseNormalizer", LowercaseNormalizer()),
    ("StripAccentsNormalizer", StripAccentsNormalizer()),
    ("StripNormalizer", StripNormalizer(left: true, right: true)),
    ("ReplaceNormalizer, byte", ReplaceNormalizer(pattern: .literal([0x20]), content: [0x5F])),
    ("NmtNormalizer", NmtNormalizer()),
    ("NFD", UnicodeNormalizer(isCompatible: false, composes: false)),
    ("NFKC", UnicodeNormalizer(isCompatible: true, composes: true)),
    ("NFKD", UnicodeNormalizer(isCompatible: true, composes: false)),
    ("ByteLevelNormalizer", ByteLevelNormalizer()),
  ]

  @Test(arguments: normalizers.map(\.0)) func `a normalizer ends early`(name: String) async throws {
    let normalizer = try #require(Self.normalizers.first { $0.0 == name }).1
    let text = NormalizedText(Array(Self.text.utf8)[...], firstScalar: 0)
    let normalized: @Sendable () -> [UInt8] = {
      var result = text
      normalizer.normalize(&result)
      return result.bytes
    }
    let cancelled = try await inCancelledTask { normalized() }
    #expect(cancelled != normalized())
  }

  private static let preTokenizers: [(String, any PreTokenizer)] = [
    (
      "ByteLevel",
      ByteLevelPreTokenizer(addsPrefixSpace: true, usesPattern: true, writesLetters: true)
    ),
    ("FixedLength", FixedLengthSplitter(length: 3)),
    ("Metaspace", Metaspace(replacement: Array("▁".utf8), prepending: .always, splits: true)),
    ("literal", PatternSplitter(.literal([0x20]), .removed)),
    ("merged", PatternSplitter(.literal([0x20]), .mergedWithNext)),
    ("Bert", ScalarClassSplitter.bert),
    ("UnicodeScripts", UnicodeScriptSplitter()),
    ("Llama 3", PatternSplitter(.words(.llama3), .isolated)),
  ]

  @Test(arguments: preTokenizers.map(\.0))
  func `a pre-tokenizer ends early`(name: String) async throws {
    let preTokenizer = try #require(Self.preTokenizers.first { $0.0 == name }).1
    try await expectFewerWords(preTokenizer)
  }

  @Test(arguments: [#"\p{L}+|\S"#, #"\s+(?!\S)|\S+"#])
  func `a pattern ends early`(pattern: String) async throws {
    let automaton = try PatternAutomaton(pattern)
    try await expectFewerWords(PatternSplitter(.automaton(automaton), .isolated))
  }

  private func expectFewerWords(_ preTokenizer: any PreTokenizer) async throws {
    let text = NormalizedText(Array(Self.text.utf8)[...], firstScalar: 0)
    let count: @Sendable () -> Int = {
      var words = PreTokenizedText(text: text, pieces: [0..<text.bytes.count])
      preTokenizer.split(&words)
      return words.pieces.count
    }
    let whole = count()
    let cancelled = try await inCancelledTask { count() }
    #expect(whole > 20_000)
    #expect(cancelled < whole / 2, "\(cancelled) of \(whole) words")
  }

  @Test(arguments: ["WordPiece", "gpt2", "llama2", "t5"])
  func `a model ends early, in many words and in one`(name: String) async throws {
    let folder =
      name == "WordPiece" ? TokenizerFixtures.path("small") : TokenizerFamilies.folder(name)
    let model = try Tokenizer(directory: folder).pipeline.model
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 200_000)
    let words = (0..<50_000).map { 4 * $0..<4 * $0 + 4 }
    for words in [words, [0..<bytes.count]] where name != "WordPiece" || words.count > 1 {
      let count: @Sendable () -> Int = {
        var tokens: [ModelToken] = []
        model.tokenize(bytes, words: words, into: &tokens)
        return tokens.reduce(0) { $0 + Int($1.end - $1.start) }
      }
      let whole = count()
      let cancelled = try await inCancelledTask { count() }
      #expect(whole == bytes.count)
      #expect(cancelled < whole, "\(name), \(words.count) words: \(cancelled) of \(whole) bytes")
    }
  }

  @Test func `added tokens are not searched to the end`() async throws {
    let search = AddedTokenMatcher([(AddedToken(content: "b", id: 1), Array("b".utf8))])
    let bytes = Array(String(repeating: "ab", count: 100_000).utf8)
    #expect(search.parts(of: bytes).count == 200_000)
    let cancelled = try await inCancelledTask { search.parts(of: bytes).count }
    #expect(cancelled < 100_000)
  }

  @Test(arguments: ["gpt2", "llama3", "t5", "albert", "xlm-roberta"])
  func `encoding and loading throw CancellationError`(name: String) async throws {
    let folder = TokenizerFamilies.folder(name)
    let tokenizer = try Tokenizer(directory: folder)
    for text in [Self.text, "cat"] {
      await #expect(throws: CancellationError.self) {
        try await inCancelledTask { try tokenizer.encode(text) }
      }
      await #expect(throws: CancellationError.self) {
        try await inCancelledTask { try tokenizer.encode("cat", pair: text) }
      }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try Tokenizer(directory: folder) }
    }
    await #expect(throws: CancellationError.self) {
      try await Task {
        cancelCurrentTask()
        return try await Tokenizer.load(model: folder)
      }.value
    }
  }
}
