import Attention
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Untrusted SentencePiece files throw errors with an offset, and never trap.
@Suite struct SentencePieceModelTests {
  private static func varint(_ value: UInt64) -> [UInt8] {
    var (value, bytes) = (value, [UInt8]())
    repeat {
      bytes.append(UInt8(value & 0x7F) | (value > 0x7F ? 0x80 : 0))
      value >>= 7
    } while value > 0
    return bytes
  }

  /// A length-delimited field.
  private static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  private static func piece(_ text: [UInt8], more: [UInt8] = []) -> [UInt8] {
    field(1, field(1, text) + more)
  }

  private static func reason(_ bytes: [UInt8]) -> String {
    do {
      return "accepted: \(try SentencePieceModel(bytes[...]).pieces.count)"
    } catch {
      return "\(error)"
    }
  }

  private static let one = piece([0x61])

  struct Sample: Sendable {
    var bytes: [UInt8]
    var reason: String

    /// - Parameter reason: a part of the error, or "accepted" with the number of pieces.
    init(_ parts: [UInt8]..., says reason: String) {
      bytes = parts.flatMap(\.self)
      self.reason = reason
    }
  }

  private static let messages: [Sample] = [
    Sample(says: "without pieces"), Sample(one, says: "accepted: 1"),
    Sample(one, one, says: "accepted: 2"), Sample([0x0A], says: "truncated"),
    Sample([0x0A, 0x05, 0x0A], says: "truncated"), Sample([0x80], says: "truncated"),
    Sample([0x0A], varint(.max), says: "truncated"),
    Sample([0x0A], varint(1 << 63), says: "truncated"),
    Sample([0x0A], varint(1 << 31), says: "truncated"),
    Sample(one, [0x0D, 0x01], says: "truncated"), Sample(one, [0x09, 0x01], says: "truncated"),
    Sample([UInt8](repeating: 0xFF, count: 11), says: "longer than 64 bits"),
    Sample([UInt8](repeating: 0x80, count: 9), [0x02], says: "longer than 64 bits"),
    Sample([0x00], says: "field number 0"), Sample([0x02, 0x00], says: "field number 0"),
    Sample(varint(1 << 32 | 2), says: "field number"), Sample(one, [0x0B], says: "wire type 3"),
    Sample(one, [0x0F], says: "wire type 7"),
    Sample([0x08, 0x01], says: "field 1: expected bytes, got varint"),
    Sample([0x0D, 0, 0, 0, 0], says: "field 1: expected bytes, got 32-bit"),
    Sample(one, [0x10, 0x01], says: "field 2: expected bytes"),
    Sample(one, [0x18, 0x01], says: "field 3: expected bytes"),
    Sample(one, field(9, [1, 2, 3]), [0x20, 0x07], says: "accepted: 1"),
  ]

  private static let pieces: [Sample] = [
    Sample(field(1, [0x08, 0x01]), says: "field 1: expected bytes"),
    Sample(piece([0x61], more: [0x10, 0x01]), says: "field 2: expected 32-bit value"),
    Sample(piece([0x61], more: [0x1A, 0x00]), says: "field 3: expected varint"),
    Sample(piece([0x61], more: [0x18, 0x09]), says: "unknown piece type 9"),
    Sample(piece([0x61], more: [0x18] + varint(.max)), says: "unknown piece type -1"),
    Sample(piece([0x61], more: [0x15, 0, 0, 0xC0, 0x7F]), says: "finite"),
    Sample(piece([0x61], more: [0x15, 0, 0, 0x80, 0xFF]), says: "finite"),
    Sample(piece([0xFF]), says: "UTF-8"), Sample(piece([]), says: "empty piece"),
    Sample(field(1, []), says: "empty piece"),
    Sample(piece([UInt8](repeating: 0x61, count: 513)), says: "longer than 512 bytes"),
    Sample(piece([UInt8](repeating: 0x61, count: 512)), says: "accepted: 1"),
  ]

  private static let specifications: [Sample] = [
    Sample(one, field(2, [0x18, 0x05]), says: "unknown model_type 5"),
    Sample(one, field(2, [0x18] + varint(.max)), says: "unknown model_type -1"),
    Sample(one, field(2, [0x9A, 0x02, 0x00]), says: "field 35: expected varint"),
    Sample(one, field(3, [0x10, 0x01]), says: "field 2: expected bytes"),
  ]

  @Test(arguments: messages + pieces + specifications)
  func `bytes that are not a model throw with the reason`(sample: Sample) {
    let reason = Self.reason(sample.bytes)
    #expect(reason.contains(sample.reason), "\(reason)")
  }

  @Test func `truncated and damaged files are read or throw`() throws {
    let bytes = try InputFile.contents(
      ofFile: Fixtures.path("TokenizerFolders/symbols.model"), limit: 1 << 20)
    #expect(Self.reason(bytes) == "accepted: 200")
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let reason = Self.reason(Array(bytes.prefix(count)))
      #expect(reason.hasPrefix("accepted") || reason.hasPrefix("protobuf, byte"), "\(reason)")
    }
    let directory = try TemporaryDirectory()
    var generator = SeededGenerator(seed: 7)
    var outcomes: Set<Bool> = []
    for _ in 0..<300 {
      var changed = bytes
      for _ in 0..<3 {
        changed[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      try directory.write(changed, to: "tokenizer.model")
      let text = failureText { try Tokenizer(directory: directory.path).encode("a <X> b c") }
      outcomes.insert(text.hasPrefix("no failure"))
      #expect(text.hasPrefix("no failure") || text.contains("tokenizer.model: "), "\(text)")
    }
    #expect(outcomes == [true, false])
  }

  @Test(arguments: [-1, 1, 77, Int(Int32.min)])
  func `an id of the unknown token that no piece has throws with the id`(id: Int) throws {
    let directory = try TemporaryDirectory()
    let trainer = Self.field(2, Self.varint(40 << 3) + Self.varint(UInt64(bitPattern: Int64(id))))
    try directory.write(Self.one + trainer, to: "tokenizer.model")
    let text = failureText { try Tokenizer(directory: directory.path) }
    #expect(text.contains("unk_id \(id)"), "\(text)")
  }

  @Test func `pieces that would take too long to merge throw`() {
    let long = [UInt8](repeating: 0x61, count: 512)
    let bytes = (0..<4097).flatMap { _ in Self.piece(long) }
    #expect(Self.reason(bytes).contains("squared lengths of the 4097 pieces"))
    #expect(Self.reason(Array(bytes.dropLast(Self.piece(long).count))) == "accepted: 4096")
  }

  @Test func `word and character models are unsupported`() throws {
    let directory = try TemporaryDirectory()
    for kind in [UInt8(3), 4] {
      try directory.write(Self.one + Self.field(2, [0x18, kind]), to: "tokenizer.model")
      let text = failureText { try Tokenizer(directory: directory.path) }
      #expect(text.contains("unsupported SentencePiece model"), "\(text)")
    }
  }
}
