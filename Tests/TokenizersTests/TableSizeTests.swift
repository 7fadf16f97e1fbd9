import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// The tables of a tokenizer against the size of its files. The sizes depend on neither the time nor the allocator.
@Suite struct TableSizeTests {
  /// Words of 2 to 9 letters of three scripts; every prefix of a word is a word.
  private static let words: [String] = {
    var generator = SeededGenerator(seed: 11)
    var words: Set<String> = []
    var ordered: [String] = []
    while ordered.count < 8000 {
      let first = [0x61, 0x61, 0x430, 0x4E00].randomElement(using: &generator) ?? 0x61
      var word = ""
      for _ in 0..<Int.random(in: 2...9, using: &generator) {
        // The square makes some letters more frequent.
        let place = Double.random(in: 0..<1, using: &generator)
        guard let letter = Unicode.Scalar(UInt32(first + Int(place * place * 26))) else { continue }
        word.unicodeScalars.append(letter)
        if words.insert(word).inserted { ordered.append(word) }
      }
    }
    return ordered
  }()

  private static let letters = words.filter { $0.unicodeScalars.count == 1 }

  /// The merges of each word of at least two letters, from its first letters and its last one.
  private static let merges = words.filter { $0.unicodeScalars.count > 1 }.map {
    (String($0.unicodeScalars.dropLast()), String($0.unicodeScalars.suffix(1)))
  }

  private static func file(_ model: String) -> String {
    #"{"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":null,"decoder":null,"#
      + #""model":\#(model)}"#
  }

  private static func vocabulary(_ tokens: [String]) -> String {
    "{\(tokens.enumerated().map { #""\#($1)":\#($0)"# }.joined(separator: ","))}"
  }

  private static var bytePairs: [String] {
    Array(Set(merges.map(\.1)).subtracting(letters)).sorted() + words
  }

  private static func bytePairEncoding(_ merges: [String]) -> String {
    file(
      #"{"type":"BPE","vocab":\#(vocabulary(bytePairs)),"merges":[\#(merges.joined(separator: ","))]}"#
    )
  }

  /// A SentencePiece model with the words as pieces.
  private static func sentencePiece(kind: UInt8) -> [UInt8] {
    func field(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] { [tag, UInt8(bytes.count)] + bytes }
    var model: [UInt8] = []
    for (index, word) in (["<unk>", "<s>", "</s>"] + bytePairs).enumerated() {
      let score = withUnsafeBytes(of: (-Float(index)).bitPattern.littleEndian, Array.init)
      model += field(0x0A, field(0x0A, Array(word.utf8)) + [0x15] + score)
    }
    return model + field(0x12, [0x18, kind])
  }

  private static let kinds: [(name: String, files: [(name: String, content: [UInt8])])] = [
    (
      "WordPiece",
      [
        (
          "tokenizer.json",
          Array(
            file(
              ###"{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","###
                + #""max_input_chars_per_word":100,"vocab":\#(vocabulary(["[UNK]"] + words))}"#
            ).utf8)
        )
      ]
    ),
    ("BPE", [("tokenizer.json", Array(bytePairEncoding(merges.map { #""\#($0) \#($1)""# }).utf8))]),
    (
      "BPE with arrays",
      [("tokenizer.json", Array(bytePairEncoding(merges.map { #"["\#($0)","\#($1)"]"# }).utf8))]
    ),
    (
      "Unigram",
      [
        (
          "tokenizer.json",
          Array(
            file(
              #"{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],"#
                + words.map { #"["\#($0)",-7.25]"# }.joined(separator: ",") + "]}"
            ).utf8)
        )
      ]
    ),
    (
      "vocab.txt",
      [
        (
          "vocab.txt",
          Array(
            (["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"] + words).joined(separator: "\n").utf8)
        )
      ]
    ),
    (
      "vocab.json",
      [
        ("vocab.json", Array(vocabulary(bytePairs).utf8)),
        ("merges.txt", Array(merges.map { "\($0) \($1)" }.joined(separator: "\n").utf8)),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"GPT2Tokenizer"}"#.utf8)),
      ]
    ),
    (
      "SentencePiece unigram",
      [
        ("spiece.model", sentencePiece(kind: 1)),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"TokenizersBackend"}"#.utf8)),
      ]
    ),
    (
      "SentencePiece BPE",
      [
        ("tokenizer.model", sentencePiece(kind: 2)),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"TokenizersBackend"}"#.utf8)),
      ]
    ),
    (
      "mBART",
      [
        ("sentencepiece.bpe.model", sentencePiece(kind: 1)),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"MBartTokenizer"}"#.utf8)),
      ]
    ),
    (
      "Pegasus",
      [
        ("spiece.model", sentencePiece(kind: 1)),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"PegasusTokenizer"}"#.utf8)),
      ]
    ),
    (
      "M2M-100",
      [
        ("sentencepiece.bpe.model", sentencePiece(kind: 1)),
        (
          "vocab.json",
          Array(vocabulary(["<s>", "<pad>", "</s>", "<unk>"] + bytePairs.reversed()).utf8)
        ),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"M2M100Tokenizer"}"#.utf8)),
      ]
    ),
    (
      "Marian",
      [
        ("source.spm", sentencePiece(kind: 1)),
        ("vocab.json", Array(vocabulary(["</s>", "<unk>"] + bytePairs + ["<pad>"]).utf8)),
        ("tokenizer_config.json", Array(#"{"tokenizer_class":"MarianTokenizer"}"#.utf8)),
      ]
    ),
  ]

  @Test(arguments: kinds.map(\.name))
  func `tables take less than four times the memory of the files`(name: String) throws {
    let folder = try TemporaryDirectory()
    let files = try #require(Self.kinds.first { $0.name == name }).files
    for file in files { try folder.write(file.content, to: file.name) }
    let fileByteCount = files.reduce(0) { $0 + $1.content.count }
    let tokenizer = try Tokenizer(directory: folder.path)
    #expect(tokenizer.vocabularySize >= 8000)
    let byteCount = tokenizer.tableByteCount
    #expect(
      byteCount > 15 * 8000 && byteCount < 4 * fileByteCount,
      "\(byteCount) bytes for \(fileByteCount) bytes of files")
    for (index, word) in Self.words.enumerated() where index % 100 == 0 {
      let id = try #require(tokenizer.id(of: word))
      #expect(tokenizer.token(of: id) == word)
    }
  }
}
