import TestSupport
import Testing

@testable import Tokenizers

@Suite struct StreamingDecoderTests {
  @Test func `incomplete characters are held back`() throws {
    for name in ["gpt2", "llama3", "llama2", "unigram-bytes"] {
      let tokenizer = try FamilyFixtures.tokenizer(name)
      let ids = try tokenizer.encode("\u{1F600} \u{6F22}", addingSpecialTokens: false).ids
      var stream = tokenizer.streamingDecoder()
      var pieces = ids.map { stream.append($0) }
      pieces.append(stream.finish())
      #expect(!pieces.contains { $0.unicodeScalars.contains("\u{FFFD}") }, "\(name) \(pieces)")
      #expect(pieces.joined() == "\u{1F600} \u{6F22}", "\(name) \(pieces)")
    }
  }

  @Test func `text is returned as soon as it is certain`() throws {
    let tokenizer = try FamilyFixtures.tokenizer("llama2")
    let ids = try tokenizer.encode("the fox", addingSpecialTokens: false).ids
    var stream = tokenizer.streamingDecoder()
    // The prepended space is removed, and nothing is held back.
    let text = ids.reduce("") { $0 + stream.append($1) }
    #expect(text == "the fox")
    #expect(stream.finish() == "")
  }

  @Test func `an incomplete character at the end becomes U+FFFD`() throws {
    let tokenizer = try FamilyFixtures.tokenizer("gpt2")
    let bytes = try tokenizer.encode("\u{1F46A}", addingSpecialTokens: false).ids
    var stream = tokenizer.streamingDecoder()
    let shown = bytes.dropLast().map { stream.append($0) }
    #expect(shown.joined() == "")
    #expect(stream.finish() == "\u{FFFD}")
  }

  @Test func `ids that are not in the vocabulary are skipped`() throws {
    let tokenizer = try FamilyFixtures.tokenizer("gpt2")
    #expect(tokenizer.decode([-1, .max, .min, 1 << 40, 70_000]) == "")
    #expect(tokenizer.decode([]) == "")
  }

  @Test func `special tokens are skipped by default`() throws {
    let tokenizer = try FamilyFixtures.tokenizer("llama2")
    let ids = try tokenizer.encode("the fox</s>").ids
    #expect(tokenizer.decode(ids) == "the fox")
    #expect(tokenizer.decode(ids, skippingSpecialTokens: false) == "<s> the fox</s>")
  }

  @Test func `invalid UTF-8 is repaired as in Swift`() throws {
    let tokenizer = try FamilyFixtures.tokenizer("gpt2")
    let ids = (UInt8.min...UInt8.max).map { tokenizer.id(of: ByteToUnicode.token(of: $0)) ?? -1 }
    #expect(!ids.contains(-1))
    var generator = SeededGenerator(seed: 11)
    let edges: [UInt8] = [
      0x41, 0x80, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xA0, 0x9F, 0xE2, 0xED, 0xEF, 0xF0, 0x90, 0x8F,
      0xF4, 0xF5, 0xFF,
    ]
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
        edges[Int.random(in: 0..<edges.count, using: &generator)]
      }
      let text = tokenizer.decode(bytes.map { ids[Int($0)] })
      #expect(text == String(decoding: bytes, as: UTF8.self), "\(bytes)")
    }
  }

  @Test func `bytes that cannot become a character are replaced at once`() throws {
    let tokenizer = try FamilyFixtures.tokenizer("gpt2")
    // The first bytes of a surrogate, of an overlong form, and of a number beyond U+10FFFF.
    for bytes: [UInt8] in [[0xED, 0xA0], [0xE0, 0x9F], [0xF0, 0x8F], [0xF4, 0x90]] {
      var stream = tokenizer.streamingDecoder()
      let text = try bytes.reduce("") { text, byte in
        text + stream.append(try #require(tokenizer.id(of: ByteToUnicode.token(of: byte))))
      }
      #expect(text == "\u{FFFD}\u{FFFD}", "\(bytes)")
    }
  }
}
