import Attention
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// A folder of tokenizer files, and the results of transformers for texts.
/// `Scripts/fixtures/tokenizer_folders.py` writes both.
struct TokenizerFolder: CustomTestStringConvertible {
  struct Row {
    var ids: [Int]
    var offsets: [Range<Int>]
    /// Without special tokens.
    var bareIDs: [Int]
    var decoded: String
  }

  var name: String
  var files: JSONObject
  var rows: [Row]

  var testDescription: String { name }

  static let fixture = "TokenizerFolders"

  /// The texts (shared by all folders) and the folders.
  static func all() throws -> (texts: [String], folders: [TokenizerFolder]) {
    let bytes = try InputFile.contents(
      ofFile: Fixtures.path("\(fixture)/folders.jsonl"), limit: 1 << 20)
    let lines = try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      try #require(try JSON.parse(Array(line)).object)
    }
    let texts = try #require(lines.first?["texts"]?.array).compactMap(\.string)
    return (texts, try lines.dropFirst().map(TokenizerFolder.init))
  }

  private init(_ object: JSONObject) throws {
    name = try #require(object["name"]?.string)
    files = try #require(object["files"]?.object)
    rows = try #require(object["rows"]?.array).map { row in
      let parts = try #require(row.array)
      func integers(_ index: Int) -> [Int] { parts[index].array?.compactMap(\.integer) ?? [] }
      let bounds = integers(1)
      return Row(
        ids: integers(0),
        offsets: stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]..<bounds[$0 + 1] },
        bareIDs: integers(2), decoded: try #require(parts[3].string))
    }
  }

  func tokenizer() throws -> Tokenizer {
    let directory = try directory()
    return try withExtendedLifetime(directory) { try Tokenizer(directory: directory.path) }
  }

  /// Writes the files to a temporary directory.
  func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for member in files.members where member.key != "added" {
      switch (member.key, member.value) {
      case ("tokenizer.json", _):
        try directory.copy(fixture: "\(Self.fixture)/bytes.json", to: member.key)
        let added = try #require(files["added"])
        try directory.edit(
          member.key, replacing: #""added_tokens":[]"#, with: #""added_tokens":\#(added.text)"#)
      case (_, .string(let source)):
        try directory.copy(fixture: "\(Self.fixture)/\(source.dropFirst())", to: member.key)
      default: try directory.write(member.value.text.utf8, to: member.key)
      }
    }
    return directory
  }
}

extension JSON {
  /// The value as JSON text.
  var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let number): number.text
    case .string(let text): "\"\(text)\""
    case .array(let values): "[\(values.map(\.text).joined(separator: ","))]"
    case .object(let object):
      "{\(object.members.map { "\"\($0.key)\":\($0.value.text)" }.joined(separator: ","))}"
    }
  }
}

@Suite struct TokenizerFolderTests {
  @Test func `every folder matches the ids, offsets and texts of transformers`() throws {
    let (texts, folders) = try TokenizerFolder.all()
    #expect(folders.count == 36 && texts.count == 22)
    for folder in folders {
      let tokenizer = try folder.tokenizer()
      #expect(folder.rows.count == texts.count)
      for (text, row) in zip(texts, folder.rows) {
        let comment: Comment = "\(folder.name): \(text.debugDescription)"
        let encoding = try tokenizer.encode(text)
        #expect(encoding.ids == row.ids, comment)
        #expect(encoding.offsets == row.offsets, comment)
        #expect(try tokenizer.encode(text, addingSpecialTokens: false).ids == row.bareIDs, comment)
        #expect(tokenizer.decode(row.ids) == row.decoded, comment)
      }
    }
  }

  @Test(arguments: [
    ("t5", "▁ t </s> ▁ x </s>", "000000"), ("albert", "[CLS] ▁ t [SEP] ▁ x [SEP]", "0000000"),
    ("xlm-roberta", "<s> ▁ t </s> </s> ▁ x </s>", "00000000"),
    ("llama", "<s> ▁ t <s> ▁ x", "000111"), ("gemma", "<bos> t <bos> x", "0011"),
    ("gpt2-options", "<s> Ġ t </s> <s> Ġ x </s>", "00001111"),
    ("mpnet", "<s> t </s> </s> x </s>", "000000"),
    ("deberta", "[CLS] ▁ t [SEP] ▁ x [SEP]", "0000111"),
    ("camembert", "<s> ▁ t </s> </s> ▁ x </s>", "00000000"),
    ("roberta", "<s> t </s> </s> x </s>", "000000"), ("bert", "[CLS] t [SEP] x [SEP]", "00011"),
  ])
  func `a pair has the special tokens of its class`(name: String, tokens: String, types: String)
    throws
  {
    let folder = try #require(try TokenizerFolder.all().folders.first { $0.name == name })
    let encoding = try folder.tokenizer().encode("t", pair: "x")
    #expect(encoding.tokens.joined(separator: " ") == tokens)
    #expect(encoding.typeIDs.map { "\($0)" }.joined() == types)
  }

  @Test(arguments: [("xlm-roberta", "XLMRobertaTokenizer"), ("mistral", "LlamaTokenizer")])
  func `add_prefix_space overrides tokenizer json for classes with that option`(
    family: String, name: String
  ) throws {
    let directory = try TemporaryDirectory()
    try directory.copy(fixture: "Families/\(family)/tokenizer.json")
    func tokens(_ settings: String) throws -> [String] {
      try directory.write("{\(settings)}".utf8, to: "tokenizer_config.json")
      return try Tokenizer(directory: directory.path)
        .encode("the fox", addingSpecialTokens: false).tokens
    }
    let plain = try tokens("")
    #expect(plain.first?.hasPrefix("▁") == true, "\(plain)")
    let type = #""tokenizer_class": "\#(name)""#
    #expect(try tokens(type) == plain)
    #expect(try tokens(#"\#(type), "add_prefix_space": true"#) == plain)
    let bare = try tokens(#"\#(type), "add_prefix_space": false"#)
    #expect(bare.joined() == plain.joined().dropFirst(), "\(bare)")
    // A class without this option ignores it.
    #expect(try tokens(#""add_prefix_space": false"#) == plain)
  }

  @Test(arguments: [
    ("gpt2", "merges.txt", "no such file"), ("gpt2", "vocab.json", "no such file"),
    ("gpt2", "config.json", "tokenizer_class"), ("llama", "tokenizer.model", "tokenizer.model"),
  ])
  func `the error for a missing file has its name`(name: String, file: String, word: String) throws
  {
    let folder = try #require(try TokenizerFolder.all().folders.first { $0.name == name })
    let directory = try folder.directory()
    try FileManager.default.removeItem(atPath: directory.path(file))
    let text = failureText { try Tokenizer(directory: directory.path) }
    #expect(text.contains(word), "\(text)")
    #expect(word == "tokenizer_class" || text.contains(file), "\(text)")
  }

  @Test func `an unsupported class throws with the supported classes`() throws {
    let directory = try TemporaryDirectory()
    try directory.copy(fixture: "TokenizerFolders/t5.model", to: "spiece.model")
    try directory.write(#"{"tokenizer_class":"XLNetTokenizer"}"#.utf8, to: "tokenizer_config.json")
    let text = failureText { try Tokenizer(directory: directory.path) }
    #expect(text.contains("XLNetTokenizer") && text.contains("T5Tokenizer"), "\(text)")
  }

  @Test(arguments: [
    ("a b c\n", "line 2"), ("a\n", "line 2"), ("t h\n", "line"), ("a \n", "line 2"),
    ("zz yy\n", "zz"),
  ])
  func `an invalid line in merges txt throws with the line`(line: String, word: String) throws {
    let folder = try #require(try TokenizerFolder.all().folders.first { $0.name == "gpt2" })
    let directory = try folder.directory()
    try directory.write("#version: 0.2\n\(line)".utf8, to: "merges.txt")
    let text = failureText { try Tokenizer(directory: directory.path) }
    if line == "t h\n" {
      // A valid merge: its result is in the vocabulary.
      #expect(text.hasPrefix("no failure"), "\(text)")
    } else {
      #expect(text.contains("merges.txt") && text.contains(word), "\(text)")
    }
  }

  @Test(arguments: [
    (#"{"added_tokens_decoder":{"x":{"content":"a"}}}"#, "added_tokens_decoder.x"),
    (#"{"added_tokens_decoder":{"-1":{"content":"a"}}}"#, "added_tokens_decoder.-1"),
    (#"{"added_tokens_decoder":{"1":"a"}}"#, "added_tokens_decoder.1"),
    (#"{"added_tokens_decoder":[]}"#, "added_tokens_decoder"),
    (#"{"bos_token":7}"#, "bos_token"), (#"{"bos_token":{"content":7}}"#, "bos_token.content"),
    (#"{"extra_special_tokens":[7]}"#, "extra_special_tokens"),
    (#"{"extra_special_tokens":{"a":7}}"#, "a"), (#"{"add_bos_token":"yes"}"#, "add_bos_token"),
    (#"{"additional_special_tokens":"a"}"#, "additional_special_tokens"),
  ])
  func `an invalid setting throws with its key`(settings: String, key: String) throws {
    let folder = try #require(try TokenizerFolder.all().folders.first { $0.name == "gpt2" })
    let directory = try folder.directory()
    try directory.write(settings.utf8, to: "tokenizer_config.json")
    let text = failureText { try Tokenizer(directory: directory.path) }
    #expect(text.contains("tokenizer_config.json: \(key): expected"), "\(text)")
  }
}
