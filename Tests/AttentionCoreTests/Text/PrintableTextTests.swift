import AttentionCore
import Testing

/// Text from files and arguments in errors.
@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("bert", "bert"), ("", ""), ("é 猫 👍", "é 猫 👍"), ("a\\b\"c", "a\\b\"c"),
    ("bert\n\u{1b}[31m", #"bert\n\u{1b}[31m"#), ("\r\t\0", #"\r\t\0"#),
    ("\u{7F}\u{9B}", #"\u{7f}\u{9b}"#), ("a\u{202E}b\u{200B}", #"a\u{202e}b\u{200b}"#),
    ("\u{2028}\u{2029}\u{FEFF}", #"\u{2028}\u{2029}\u{feff}"#), ("\r\n", #"\r\n"#),
  ])
  func `invisible characters are escaped, other characters are unchanged`(
    text: String, expected: String
  ) {
    #expect(printable(text) == expected)
    #expect(printable(printable(text)) == expected, "a second time changes nothing")
  }

  @Test func `every control character of Unicode is escaped`() {
    for value in (0 as UInt32)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isHidden: Bool =
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
      guard isHidden else { continue }
      let text = printable(String(scalar))
      #expect(text.hasPrefix("\\") && text.allSatisfy { $0.isASCII && !$0.isNewline }, "\(value)")
    }
  }

  @Test func `long texts are cut`() {
    let long = String(repeating: "x", count: 100_000)
    #expect(printable(long) == String(repeating: "x", count: 120) + "…")
    #expect(printable(long, limit: 3) == "xxx…" && printable("xxx", limit: 3) == "xxx")
    #expect(quoted(long, limit: 3) == "\"xxx\"…" && quoted("xxx", limit: 3) == "\"xxx\"")
    #expect(printable(String(repeating: "\u{1b}", count: 4), limit: 2) == #"\u{1b}\u{1b}…"#)
  }

  @Test func `quotation marks and backslashes are escaped in quotation marks`() {
    #expect(quoted(#"a"b\c"#) == #""a\"b\\c""#)
    #expect(quoted("\n\u{1b}") == #""\n\u{1b}""#)
  }

  @Test func `errors never contain control characters or very long texts`() {
    let text = "x\n\u{1b}[31m" + String(repeating: "y", count: 100_000)
    let errors: [any Error] = [
      AttentionError.argument(text, reason: text), AttentionError.file(path: text, reason: text),
      AttentionError.overflow(text), AttentionError.memory(byteCount: 1, purpose: text),
      AttentionError.shape(argument: text, expected: text, got: []),
      ModelError.notFound(model: text, reason: text), ModelError.weights(path: text, reason: text),
      ModelError.configuration(path: text, reason: text),
      ModelError.tokenizer(path: text, reason: text),
      ModelError.unsupported(path: text, what: text, supported: []),
      ModelError.text(text, reason: text),
    ]
    for error in errors {
      let message = "\(error)"
      #expect(message.contains(#"x\n\u{1b}[31m"#), "\(message.prefix(100))")
      #expect(!message.unicodeScalars.contains { $0.properties.generalCategory == .control })
      #expect(message.count < 10_000)
    }
  }
}
