import AttentionCore
import Foundation
import Synchronization
import Tokenizers

/// Encodes a text with one of the tokenizers of the tests.
final class TextParser: FuzzedParser {
  /// Decoding returns the text: byte-level models without normalizers and prefix spaces.
  private static let lossless: Set = ["bloom", "gpt2", "llama3", "o200k", "tekken"]

  private let names: [String]
  private let tokenizers = Mutex<[String: Tokenizer]>([:])

  init() {
    let folder = fixturePath("Families", of: "TokenizersTests")
    names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  func parse(_ bytes: [UInt8]) throws -> String {
    let name = names[Int(bytes.first ?? 0) % names.count]
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    return try tokenizer(name).checkedEncoding(
      of: text, isLossless: Self.lossless.contains(name))
  }

  private func tokenizer(_ name: String) throws -> Tokenizer {
    try tokenizers.withLock { tokenizers in
      if let tokenizer = tokenizers[name] { return tokenizer }
      let path = fixturePath("Families/\(name)", of: "TokenizersTests")
      let tokenizer = try Tokenizer(directory: path)
      tokenizers[name] = tokenizer
      return tokenizer
    }
  }
}
