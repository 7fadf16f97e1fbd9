import Testing

@testable import AttentionCore

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON { try JSON.parse(Array(text.utf8)) }

  private func reason(_ bytes: [UInt8]) -> String {
    do {
      return "accepted: \(try JSON.parse(bytes).kind)"
    } catch {
      return "\(error)"
    }
  }

  private func reason(_ text: String) -> String { reason(Array(text.utf8)) }

  @Test func `values of every kind keep their content`() throws {
    let object = try #require(
      try parse(#" {"a": [1, -2.50, 1e3, true, false, null, "x\n\u00e9\ud83d\ude00"], "b": {}} "#)
        .object)
    #expect(Array(object.keys) == ["a", "b"])
    let values = try #require(object["a"]?.array)
    #expect(
      values.map(\.kind) == [
        "integer", "number", "number", "boolean", "boolean", "null", "string",
      ])
    #expect(values[0].integer == 1)
    #expect(values[1].number?.text == "-2.50")
    #expect(values[1].integer == nil)
    #expect(values[2].integer == nil)
    #expect(values[2].number?.double == 1000)
    #expect(values[6].string == "x\né😀")
    #expect(object["b"]?.object?.count == 0)
    #expect(object["c"] == nil)
  }

  @Test(arguments: [
    ("", "truncated"), ("[1,", "truncated"), ("\"ab", "truncated"), ("{\"a\"", "truncated"),
    ("[1] 2", "trailing"), ("{}\0\0", "trailing"), ("NaN", "NaN"), ("[-Infinity]", "Infinity"),
    ("{\"a\":1,\"a\":2}", "duplicate key"), ("[01]", "leading zero"), ("[1.]", "digit"),
    ("[+1]", "expected a value"), ("[1,]", "expected a value"), ("{'a':1}", "key in quotes"),
    ("\"\u{1}\"", "control character"), ("\"a\u{1F}\"", "control character"),
    (#""\ud800""#, "lone surrogate"),
    (#""\udc00""#, "lone surrogate"), (#""\ud800\u0041""#, "lone surrogate"),
    (#""\x""#, "unknown escape"), (#""\u12g4""#, "hexadecimal"), ("\u{FEFF}{}", "byte-order"),
    ("[é]", "expected a value"), ("// x\n1", "expected a value"), ("tru", "expected a value"),
    ("-", "digit"), ("1e", "digit"), ("[1e999]", "out of range"), ("-1e309", "out of range"),
    (String(repeating: "9", count: 400), "out of range"),
  ])
  func `malformed text is refused with its reason`(text: String, word: String) {
    #expect(reason(text).contains(word), "\(text) gave \(reason(text))")
  }

  @Test func `bytes that are not UTF-8 are refused inside and outside strings`() {
    #expect(reason([0x22, 0xFF, 0x22]).contains("UTF-8"))
    #expect(reason([0x22, 0xED, 0xA0, 0x80, 0x22]).contains("UTF-8"))
    #expect(reason([0x5B, 0xFF, 0x5D]).contains("UTF-8"))
    #expect(reason([0x22, 0x5C, 0x6E, 0xC3, 0x22]).contains("UTF-8"))
  }

  @Test func `objects and values are counted without parsing`() {
    let size = JSONSize(Array("[{}, {\"a\": [1, 2, \"{,\"]}, {}]".utf8))
    // Three objects and four commas.
    #expect(size.isWithin(objectLimit: 3, valueLimit: 4))
    #expect(!size.isWithin(objectLimit: 2, valueLimit: 4))
    #expect(!size.isWithin(objectLimit: 3, valueLimit: 3))
  }

  @Test func `nesting is limited to 128`() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(reason(nested(128)) == "accepted: array")
    #expect(reason(nested(129)).contains("nesting"))
    #expect(reason(String(repeating: "{\"a\":", count: 10_000)).contains("nesting"))
  }

  @Test func `keys with different bytes are two keys, even if they are equal as strings`() throws {
    let members = (0..<40).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    for filler in ["", ",\(members)"] {
      let object = try #require(
        try parse("{\"\u{E9}\":1,\"e\u{301}\":2\(filler)}").object)
      #expect(object["\u{E9}"]?.integer == 1)
      #expect(object["e\u{301}"]?.integer == 2)
    }
    #expect(reason("{\"\u{E9}\":1,\(members),\"\\u00e9\":2}").contains("duplicate key"))
  }

  @Test func `numbers keep their digits exactly`() throws {
    #expect(try parse("9223372036854775807").integer == .max)
    #expect(try parse("9223372036854775808").integer == nil)
    #expect(try parse("9223372036854775808").kind == "integer")
    let infinite = try JSON.parse(Array("1E400".utf8), acceptsNonFinite: true)
    #expect(infinite.number?.double == .infinity)
    #expect(try parse("-0").integer == nil)
    #expect(try JSON.parse(Array("-0".utf8), acceptsNonFinite: true).integer == 0)
  }
}
