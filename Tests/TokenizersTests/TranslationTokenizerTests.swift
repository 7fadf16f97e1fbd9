import Attention
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// A folder of a translation model's tokenizer, and the results of transformers:
/// `Scripts/fixtures/translation_tokenizers.py`.
struct TranslationFolder: CustomTestStringConvertible {
  static let fixture = "TranslationTokenizers"

  var name: String
  /// The source language; nil for the default.
  var source: String?
  var files: JSONObject
  var rows: [JSON]

  var testDescription: String { name }

  static func all() throws -> (texts: [String], folders: [TranslationFolder]) {
    let bytes = try InputFile.contents(
      ofFile: Fixtures.path("\(fixture)/folders.jsonl"), limit: 1 << 20)
    let lines = try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      try #require(try JSON.parse(Array(line)).object)
    }
    let texts = try #require(lines.first?["texts"]?.array).compactMap(\.string)
    return (
      texts,
      try lines.dropFirst().map {
        TranslationFolder(
          name: try #require($0["name"]?.string), source: $0["source"]?.string,
          files: try #require($0["files"]?.object), rows: Array(try #require($0["rows"]?.array)))
      }
    )
  }

  static func named(_ name: String) throws -> TranslationFolder {
    try #require(try all().folders.first { $0.name == name })
  }

  /// Writes the files to a temporary directory.
  func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for member in files.members {
      if let source = member.value.string {
        try directory.copy(fixture: "\(Self.fixture)/\(source.dropFirst())", to: member.key)
      } else {
        try directory.write(member.value.text.utf8, to: member.key)
      }
    }
    return directory
  }

  func tokenizer() throws -> Tokenizer {
    let directory = try directory()
    return try withExtendedLifetime(directory) { try Tokenizer(directory: directory.path) }
  }
}

@Suite struct TranslationTokenizerTests {
  private static let names = [
    "marian", "marian-separate", "m2m", "mbart", "mbart50", "pegasus", "nllb", "nllb-legacy",
  ]

  @Test(arguments: names)
  func `ids, offsets and texts are those of transformers`(name: String) throws {
    let texts = try TranslationFolder.all().texts
    try #require(texts.count >= 500)
    let folder = try TranslationFolder.named(name)
    let plain = try folder.tokenizer()
    let tokenizer = folder.source.map(plain.reading) ?? plain
    #expect(folder.rows.count == texts.count)
    for (text, row) in zip(texts, folder.rows) {
      let comment: Comment = "\(name): \(text.debugDescription)"
      let encoding = try tokenizer.encode(text)
      let offsets = encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
      let decoded = tokenizer.decode(encoding.ids)
      if let row = row.array {
        #expect(encoding.ids == row[0].array?.compactMap(\.integer), comment)
        #expect(offsets == row[1].array?.compactMap(\.integer), comment)
        #expect(decoded == row[2].string, comment)
      } else {
        #expect(digest(encoding.ids, offsets, decoded) == row.string, comment)
      }
    }
  }

  /// FNV-1a of "ids|offsets|text".
  private func digest(_ ids: [Int], _ offsets: [Int], _ text: String) -> String {
    let lists = [ids, offsets].map { $0.map { "\($0)" }.joined(separator: ",") }
    let hash = "\(lists[0])|\(lists[1])|\(text)".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  @Test func `a streamed text is the decoded text`() throws {
    for folder in try TranslationFolder.all().folders {
      let tokenizer = try folder.tokenizer()
      let ids = try tokenizer.encode("the quick brown fox, le garçon.").ids
      var stream = tokenizer.streamingDecoder()
      let text = ids.reduce(into: "") { $0 += stream.append($1) } + stream.finish()
      #expect(text == tokenizer.decode(ids), "\(folder.name)")
    }
  }

  @Test(
    arguments: [
      ("marian", LanguageTokens.Place.inText, 3, "en", nil), ("m2m", .beforeText, 100, "en", nil),
      ("mbart", .afterTextAndStart, 25, "en_XX", nil),
      ("mbart50", .beforeText, 52, "pt_XX", nil), ("nllb", .beforeText, 4, "eng_Latn", nil),
      ("nllb-legacy", .afterText, 4, "eng_Latn", nil),
    ] as [(String, LanguageTokens.Place, Int, String?, String?)])
  func `a tokenizer has the languages of its class and files`(
    name: String, place: LanguageTokens.Place, count: Int, source: String?, target: String?
  ) throws {
    let languages = try #require(try TranslationFolder.named(name).tokenizer().languages)
    #expect(languages.place == place)
    #expect(languages.codes.count == count)
    #expect(languages.source == source)
    #expect(languages.target == target)
  }

  @Test func `a Marian model without language tokens has one target language`() throws {
    let folder = try TranslationFolder.named("marian")
    let directory = try folder.directory()
    try directory.edit("vocab.json", replacing: ">>", with: "> >")
    let languages = try #require(try Tokenizer(directory: directory.path).languages)
    #expect(languages.place == .fixed && languages.source == "en" && languages.target == "fr")
    #expect(languages.codes.isEmpty)
  }

  @Test func `WMT 21 has eight languages`() throws {
    let directory = try TranslationFolder.named("m2m").directory()
    try directory.write(#"{"language_codes":"wmt21"}"#.utf8, to: "tokenizer_config.json")
    let languages = try #require(try Tokenizer(directory: directory.path).languages)
    #expect(languages.codes.map(\.code) == ["en", "ha", "is", "ja", "cs", "ru", "zh", "de"])
  }

  @Test func `other tokenizers have no languages`() throws {
    #expect(try TranslationFolder.named("pegasus").tokenizer().languages == nil)
  }

  @Test(arguments: [
    ("m2m", #"{"src_lang":"xx"}"#, "src_lang \"xx\""),
    ("m2m", #"{"language_codes":"m3"}"#, "language_codes m3"),
    ("mbart", #"{"src_lang":7}"#, "src_lang: expected string"),
    ("marian", #"{"separate_vocabs":true}"#, "target_vocab.json"),
    ("marian", #"{"separate_vocabs":1}"#, "separate_vocabs: expected"),
    ("marian", #"{"unk_token":"<nope>"}"#, "<nope>"),
    ("nllb", #"{"tokenizer_class":"NllbTokenizer","src_lang":"tlh_Latn"}"#, "tlh_Latn"),
  ])
  func `an invalid setting is named`(name: String, settings: String, word: String) throws {
    let directory = try TranslationFolder.named(name).directory()
    try directory.write(settings.utf8, to: "tokenizer_config.json")
    let text = failureText { try Tokenizer(directory: directory.path) }
    #expect(text.contains(word), "\(text)")
  }
}
