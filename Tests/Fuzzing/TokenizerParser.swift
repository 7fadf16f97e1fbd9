import AttentionCore
import Tokenizers

/// Reads a `tokenizer.json` and encodes a few texts.
struct TokenizerParser: FuzzedParser {
  let folder: FuzzFolder

  private static let texts = [
    "", "Hello, world! 123", " a  b\n\tc ", "[CLS] <s>a</s> ##b", "Ünïcödé e\u{301} \u{FB01}",
    "日本語 한국어 x", "👩‍👩‍👧\u{0}\u{200B}", "abababab 0000",
  ]

  func parse(_ bytes: [UInt8]) throws -> String {
    try folder.write(bytes, to: "tokenizer.json")
    let tokenizer = try Tokenizer(folder.directory)
    return JSONText.array(
      try Self.texts.map { text in
        do {
          return try tokenizer.checkedEncoding(of: text)
        } catch let error as ModelError {
          // Accepted, but without a result for this text.
          return "{\"text\": \(JSONText.string(text)), \"error\": \(JSONText.string("\(error)"))}"
        }
      })
  }
}
