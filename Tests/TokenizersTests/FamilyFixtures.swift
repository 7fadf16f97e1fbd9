import Attention
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Small tokenizers of every family, and the results of Hugging Face tokenizers for texts.
/// `Scripts/fixtures/tokenizer_families.py` writes both.
struct FamilyFixtures {
  static let names = [
    "albert", "bloom", "clip", "deberta-v3", "deepseek-coder", "deepseek-v3", "dropping", "falcon",
    "galactica", "gemma", "gpt2", "llama2", "llama3", "mistral", "o200k", "pegasus", "qwen2",
    "qwen3-5", "roberta", "t5", "tekken", "unigram-bytes", "words", "xlm-roberta",
  ]

  struct Case {
    var text: String
    var pair: String?
    var ids: [Int]
    var offsets: [Range<Int>]
    var tokens: [String]?
    /// The decoded text with and without special tokens; nil if the reference fails.
    var decoded: String?
    var decodedWithoutSpecial: String?
    /// Random tokens and their decoded text.
    var randomIDs: [Int]
    var randomText: String?
  }

  static func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(directory: TokenizerFamilies.folder(name))
  }

  static func cases(_ name: String) throws -> [Case] {
    let bytes = try InputFile.contents(
      ofFile: "\(TokenizerFamilies.folder(name))/cases.jsonl", limit: 1 << 20)
    return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      let object = try #require(try JSON.parse(Array(line)).object)
      func integers(_ key: String) -> [Int] { object[key]?.array?.compactMap(\.integer) ?? [] }
      let bounds = integers("offsets")
      return Case(
        text: try #require(object["text"]?.string), pair: object["pair"]?.string,
        ids: integers("ids"),
        offsets: stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]..<bounds[$0 + 1] },
        tokens: object["tokens"]?.array?.compactMap(\.string), decoded: object["all"]?.string,
        decodedWithoutSpecial: object["skip"]?.string ?? object["all"]?.string,
        randomIDs: integers("random_ids"), randomText: object["random"]?.string)
    }
  }
}
