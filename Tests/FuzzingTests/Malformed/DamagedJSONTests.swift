import Foundation
import TestSupport
import Testing

/// Each JSON file of a model with every kind of damage: the error names the file and the reason.
@Suite struct DamagedJSONTests {
  private static let files: [(ModelFolder, String)] = [
    (.encoder, "config.json"), (.encoder, "tokenizer_config.json"), (.encoder, "modules.json"),
    (.encoder, "1_Pooling/config.json"), (.encoder, "sentence_bert_config.json"),
    (.encoder, "config_sentence_transformers.json"), (.decoder, "config.json"),
    (.decoder, "model.safetensors.index.json"), (.decoder, "generation_config.json"),
    (.decoder, "tokenizer.json"), (.bytePairs, "vocab.json"), (.bytePairs, "added_tokens.json"),
    (.bytePairs, "special_tokens_map.json"), (.bytePairs, "tokenizer_config.json"),
    (.sentencePiece, "tokenizer_config.json"),
  ]

  private static let texts: [(text: String, reason: String)] = [
    ("", "truncated: expected a value"), (" \n", "truncated: expected a value"),
    ("{", "truncated: expected a key"), ("{\"a\"", "truncated: expected ':'"),
    ("{\"a\":", "truncated: expected a value"), ("{\"a\":\"b", "truncated: a string"),
    ("{}x", "trailing bytes"), ("{}\0\0", "trailing bytes"), ("{}{}", "trailing bytes"),
    ("\u{FEFF}{}", "byte-order mark"), ("// comment\n{}", "expected a value, got \"/\""),
    ("{'a':1}", "expected a key in quotes"), ("{\"a\":1,}", "expected a key in quotes"),
    ("{\"a\":1 \"b\":2}", "expected ',' or '}'"), ("{\"a\" 1}", "expected ':'"),
    ("{\"a\":01}", "leading zero"), ("{\"a\":.5}", "expected a value"),
    ("{\"a\":1e}", "expected a digit"), ("{\"a\":True}", "expected a value, got \"T\""),
    ("{\"a\":1,\"a\":1}", "duplicate key"), ("{\"a\":{\"b\":1,\"\\u0062\":2}}", "duplicate key"),
    ("{\"a\":\"\t\"}", "control character"), ("{\"a\":\"\\ud800\"}", "lone surrogate"),
    ("{\"a\":\"\\x41\"}", "unknown escape"), ("{\"a\":\"\\u12\"}", "four hexadecimal digits"),
    (String(repeating: "[", count: 1000), "nesting"),
    ("{\"a\":" + String(repeating: "{\"a\":", count: 1000), "nesting"),
    ("7", "got integer"), ("7.5", "got number"), ("\"x\"", "got string"), ("null", "got null"),
    (
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
      "a Git LFS pointer instead of the file"
    ),
  ]

  private static let bytes: [(bytes: [UInt8], reason: String)] = [
    ([0x7B, 0x22, 0xFF, 0x22], "not UTF-8"), ([0x7B, 0x22, 0xC0, 0x80, 0x22], "not UTF-8"),
    ([0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22], "not UTF-8"), ([0xFF, 0xFE, 0x7B, 0x00], "not UTF-8"),
    ([0x1F, 0x8B, 0x08, 0x00], "expected a value"), ([0x00], "expected a value"),
  ]

  @Test(.hangLimit, arguments: files)
  private func `damaged JSON is refused with its place`(model: ModelFolder, name: String) throws {
    let folder = try TemporaryDirectory()
    try model.write(to: folder)
    try model.read(folder.path)
    let damages = Self.texts.map { (Array($0.text.utf8), $0.reason) } + Self.bytes
    for (bytes, reason) in damages {
      try folder.write(bytes, to: name)
      let text = failureText { try model.read(folder.path) }
      #expect(
        text.hasPrefix("\(folder.path(name)): ") && text.contains(reason),
        "\(String(decoding: bytes.prefix(40), as: UTF8.self)): \(text)")
    }
    let wrongKind = name == "modules.json" ? "{}" : "[]"
    try folder.write(wrongKind.utf8, to: name)
    #expect(failureText { try model.read(folder.path) }.contains("\(name): expected "))
  }
}
