import Attention
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Texts and the results of Hugging Face tokenizers. `Scripts/fixtures/tokenizer.py` writes both.
struct TokenizerFixtures {
  struct Case {
    var text: String
    var pair: String?
    var addsSpecialTokens: Bool
    var maxLength: Int?
  }

  struct Expectation: Equatable {
    var ids: [Int]
    var offsets: [Range<Int>]
    var typeIDs: [Int]
    var special: [Int]
    var untruncatedCount: Int
    /// nil if the fixture omits the tokens.
    var tokens: [String]?
  }

  static func path(_ name: String) -> String { Fixtures.path("Tokenizer/\(name)") }

  static func array(_ name: String) throws -> [JSONObject] {
    let bytes = try InputFile.contents(ofFile: path(name), limit: 1 << 20)
    return try #require(try JSON.parse(bytes).array).map { try #require($0.object) }
  }

  static func cases(_ name: String) throws -> [Case] {
    try array(name).map { object in
      Case(
        text: try #require(object["text"]?.string), pair: object["pair"]?.string,
        addsSpecialTokens: object["bare"]?.boolean != true,
        maxLength: object["limit"]?.integer)
    }
  }

  static func expectations(_ name: String) throws -> [Expectation] {
    try array(name).map { object in
      func integers(_ key: String) -> [Int]? { object[key]?.array?.compactMap(\.integer) }
      let ids = try #require(integers("ids"))
      let bounds = try #require(integers("offsets"))
      return Expectation(
        ids: ids,
        offsets: stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]..<bounds[$0 + 1] },
        typeIDs: integers("types") ?? ids.map { _ in 0 },
        special: try #require(integers("special")),
        untruncatedCount: object["whole"]?.integer ?? ids.count,
        tokens: object["tokens"]?.array?.compactMap(\.string))
    }
  }

  static func encode(_ tokenizer: Tokenizer, _ sample: Case) throws -> Encoding {
    if let pair = sample.pair {
      return try tokenizer.encode(
        sample.text, pair: pair, addingSpecialTokens: sample.addsSpecialTokens,
        maxLength: sample.maxLength)
    }
    return try tokenizer.encode(
      sample.text, addingSpecialTokens: sample.addsSpecialTokens,
      maxLength: sample.maxLength)
  }

  /// Compares every case with its expectation.
  static func compare(_ tokenizer: Tokenizer, _ cases: [Case], _ expected: [Expectation]) throws {
    #expect(cases.count == expected.count)
    for (sample, expected) in zip(cases, expected) {
      let encoding = try encode(tokenizer, sample)
      let got = Expectation(
        ids: encoding.ids, offsets: encoding.offsets, typeIDs: encoding.typeIDs,
        special: encoding.isSpecial.indices.filter { encoding.isSpecial[$0] },
        untruncatedCount: encoding.untruncatedCount,
        tokens: expected.tokens == nil ? nil : encoding.tokens)
      #expect(got == expected, "\(sample.text.debugDescription) \(sample)")
      #expect(encoding.wasTruncated == (expected.untruncatedCount > expected.ids.count))
    }
  }
}

@Suite struct TokenizerReferenceTests {
  @Test func `a small vocabulary matches the reference's tokens and offsets`() throws {
    let tokenizer = try Tokenizer(directory: TokenizerFixtures.path("small"))
    let cases = try TokenizerFixtures.cases("cases.json")
    #expect(cases.count >= 300)
    try TokenizerFixtures.compare(
      tokenizer, cases, TokenizerFixtures.expectations("small/expected.json"))
  }

  @Test(arguments: [
    "cased", "lower-with-accents", "uncleaned", "nfc-words", "nfkc-split", "nfkd-stripped",
    "nfd-whole", "bert-processing", "added-tokens",
    "vocab-uncased", "vocab-cased", "vocab-cased-stripped",
  ])
  func `every variant matches the reference's tokens and offsets`(name: String) throws {
    try TokenizerFixtures.compare(
      Tokenizer(directory: TokenizerFixtures.path(name)),
      TokenizerFixtures.cases("variant-cases.json"),
      TokenizerFixtures.expectations("\(name)/expected.json"))
  }

  @Test(.enabled(if: RealModel.directory != nil, "all-MiniLM-L6-v2 is not in the cache"))
  func `the vocabulary of all-MiniLM-L6-v2 matches the reference's ids and offsets`() throws {
    let directory = try #require(RealModel.directory)
    let tokenizer = try Tokenizer(directory: directory)
    #expect(tokenizer.vocabularySize == 30_522)
    try TokenizerFixtures.compare(
      tokenizer, TokenizerFixtures.cases("cases.json"),
      TokenizerFixtures.expectations("all-MiniLM-L6-v2.json"))
  }

  @Test func `BERT's one-pass normalizer agrees with the step-by-step reference`() throws {
    var generator = SeededGenerator(seed: 7)
    let pool: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0xA0...0x17F, 0x300...0x36F, 0x370...0x3FF, 0x590...0x5F4, 0x900...0x97F,
      0x1100...0x11FF, 0x1E00...0x1FFF, 0x2000...0x206F, 0x3040...0x30FF, 0x4E00...0x4E20,
      0xAC00...0xAC20, 0xF900...0xFB4F, 0x1D157...0x1D170, 0...0x1F,
    ]
    for flags in 0..<16 {
      let normalizer = BertNormalizer(
        cleansText: flags & 1 != 0, spacesChinese: flags & 2 != 0, stripsAccents: flags & 4 != 0,
        lowercases: flags & 8 != 0)
      for _ in 0..<300 {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
          let range = try #require(pool.randomElement(using: &generator))
          let value = UInt32.random(in: range, using: &generator)
          scalars.append(try #require(Unicode.Scalar(value)))
        }
        let text = NormalizedText(Array(String(scalars).utf8)[...], firstScalar: 5)
        var whole = text
        var steps = text
        normalizer.normalize(&whole)
        normalizer.normalizeInSteps(&steps)
        #expect(whole.bytes == steps.bytes && whole.origins == steps.origins, "\(scalars)")
      }
    }
  }
}
