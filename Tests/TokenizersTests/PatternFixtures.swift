import Attention
import Foundation
import Testing

@testable import Tokenizers

/// Splits of texts by Hugging Face tokenizers with the split patterns of published models.
/// `Scripts/fixtures/split_patterns.py` writes the files and documents the notation of splits.
struct PatternFixtures {
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var pattern: String
    /// The split of each text, in the notation of `PatternFixtures.cuts(_:of:)`.
    var cuts: [String]

    var testDescription: String { name }
  }

  static func texts() throws -> [String] {
    try lines("texts").map { try #require($0.string) }
  }

  static func samples() throws -> [Sample] {
    try lines("patterns").map { line in
      let object = try #require(line.object)
      let cuts = try #require(object["cuts"]?.string)
      return Sample(
        name: try #require(object["name"]?.string),
        pattern: try #require(object["pattern"]?.string),
        cuts: cuts.split(separator: " ").map(String.init))
    }
  }

  private static func lines(_ name: String) throws -> [JSON] {
    let folder = Fixtures.path("Patterns")
    let bytes = try InputFile.contents(ofFile: "\(folder)/\(name).jsonl", limit: 1 << 20)
    return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON.parse(Array($0)) }
  }

  /// The split of a text by matches, in the notation of the fixture: the length of each part in scalars, as
  /// a letter (a = 1) for a match and a capital letter for a gap, or in brackets if it is more than 26.
  static func cuts(_ matches: [Range<Int>], of text: String) -> String {
    let bytes = Array(text.utf8)
    var result = ""
    func add(_ range: Range<Int>, isMatch: Bool) {
      let length = bytes[range].count { $0 & 0xC0 != 0x80 }
      switch length {
      case 0: break
      case 1...26:
        result.unicodeScalars.append(
          Unicode.Scalar(UInt8(length) + (isMatch ? 0x60 : 0x40)))
      default: result += isMatch ? "(\(length))" : "[\(length)]"
      }
    }
    var end = 0
    for match in matches {
      add(end..<match.lowerBound, isMatch: false)
      add(match, isMatch: true)
      end = match.upperBound
    }
    add(end..<bytes.count, isMatch: false)
    return result
  }
}

extension TextPattern {
  func matches(in text: String) -> [Range<Int>] {
    let bytes = Array(text.utf8)
    var result: [Range<Int>] = []
    forEachMatch(in: bytes.span, 0..<bytes.count) { result.append($0) }
    return result
  }
}
