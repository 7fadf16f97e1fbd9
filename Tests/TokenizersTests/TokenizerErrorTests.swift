import Foundation
import Testing

@testable import Tokenizers

@Suite struct TokenizerErrorTests {
  /// A valid file; each test replaces one part.
  private struct Parts {
    var model =
      ###"{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","###
      + ###""max_input_chars_per_word":100,"vocab":{"[UNK]":0,"[CLS]":1,"a":2,"##b":3}}"###
    var normalizer = "null"
    var preTokenizer = #"{"type":"BertPreTokenizer"}"#
    var processor = "null"
    var added = "[]"

    var text: String {
      #"{"version":"1.0","added_tokens":\#(added),"normalizer":\#(normalizer),"#
        + #""pre_tokenizer":\#(preTokenizer),"post_processor":\#(processor),"model":\#(model)}"#
    }
  }

  /// The error for `text` as a tokenizer.json, or "accepted" with the ids of a sample text.
  private func reason(_ text: String) -> String {
    do {
      let value = try JSON.parse(Array(text.utf8))
      let reader = ConfigurationReader(
        path: "/m/tokenizer.json", object: value.object ?? JSONObject(), role: .tokenizer)
      let tokenizer = try Tokenizer(TokenizerFile.pipeline(reader))
      return "accepted: \(try tokenizer.encode("ab [UNK] c").ids)"
    } catch {
      return "\(error)"
    }
  }

  private func reason(_ change: (inout Parts) -> Void) -> String {
    var parts = Parts()
    change(&parts)
    return reason(parts.text)
  }

  private func wordPiece(
    vocabulary: String = #"{"[UNK]":0,"a":1}"#, unknown: String = #""[UNK]""#,
    limit: String = "100"
  ) -> String {
    ###"{"type":"WordPiece","unk_token":\###(unknown),"continuing_subword_prefix":"##","###
      + #""max_input_chars_per_word":\#(limit),"vocab":\#(vocabulary)}"#
  }

  private func addedToken(_ content: String, id: String, more: String = "") -> String {
    #"{"id":\#(id),"content":\#(content),"single_word":false,"lstrip":false,"#
      + #""rstrip":\#(more.isEmpty ? "false" : more),"normalized":false,"special":true}"#
  }

  @Test func `the unmodified file of these tests is valid`() {
    #expect(reason { _ in } == "accepted: [2, 3, 0, 0, 0, 0]")
  }

  @Test(arguments: [
    (#"{"a":1}"#, "unknown key a (expected: added_tokens, "), (#"{}"#, "missing key model"),
    (#"{"model":{"type":"BPE","vocab":{},"merges":[]},"decoders":null}"#, "unknown key decoders"),
    (#"{"model":[]}"#, "model: expected object"),
    (#"{"model":{"type":null,"vocab":{},"merges":[]}}"#, "model.type: expected string, got null"),
    (
      #"{"model":{"type":"Unigram","vocab":[],"unk_id":0,"byte_fallback":null}}"#,
      "model.byte_fallback: expected boolean, got null"
    ),
    (
      #"{"model":{},"pre_tokenizer":{"type":"Punctuation","behavior":null}}"#,
      "pre_tokenizer.behavior: expected string, got null"
    ),
    (
      #"{"model":{},"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":null}}"#,
      "pre_tokenizer.prepend_scheme: expected string, got null"
    ),
    (#"{"model":{}}"#, "model.type"), (#"{"model":{"type":3}}"#, "expected string"),
    (#"{"model":{"type":"WordLevel"}}"#, "unsupported tokenizer model WordLevel"),
    (#"{"model":{"type":"WordPiece","vocab":{}}}"#, "unk_token"),
    (#"{"model":{"type":"WordPiece","type":"BPE"}}"#, "duplicate key"), ("{", "truncated"),
  ])
  func `a missing or unsupported model throws with the reason`(text: String, word: String) {
    #expect(reason(text).contains(word), "\(reason(text))")
  }

  @Test(arguments: [
    (#"{"[UNK]":0,"a":0}"#, "duplicate id 0"), (#"{"[UNK]":0,"a":-1}"#, "id"),
    (#"{"[UNK]":0,"a":1e3}"#, "integer"), (#"{"[UNK]":-0,"a":1}"#, "integer"),
    (#"{"[UNK]":0,"a":1.0}"#, "integer"),
    (#"{"[UNK]":0,"a":"1"}"#, "integer"), (#"{"[UNK]":0,"a":16777216}"#, "range"),
    (#"{"[UNK]":0,"a":99999999999999999999}"#, "range"), (#"{"a":0}"#, "unknown token"),
    (#"{}"#, "unknown token"), (#"[]"#, "expected object"),
  ])
  func `a vocabulary with invalid ids throws`(vocabulary: String, word: String) {
    let reason = reason { $0.model = wordPiece(vocabulary: vocabulary) }
    #expect(reason.contains("/m/tokenizer.json") && reason.contains(word), "\(reason)")
  }

  @Test(arguments: ["-1", "10001", "1e18", "9223372036854775807", "\"100\"", "1.5"])
  func `a word length out of range throws`(limit: String) {
    let reason = reason { $0.model = wordPiece(limit: limit) }
    #expect(reason.contains("max_input_chars_per_word") && reason.contains("range"))
  }

  @Test func `a word length of 0 makes every word unknown`() {
    #expect(reason { $0.model = wordPiece(limit: "0") }.hasPrefix("accepted: [0,"))
  }

  @Test(arguments: [
    (#"{"type":"Precompiled"}"#, "precompiled_charsmap"),
    (#"{"type":"Other"}"#, "unsupported normalizer Other"),
    (#"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace"}]}"#, "pattern"),
    (#"{"type":"Sequence"}"#, "normalizers"), (#"{"type":"Sequence","normalizers":[1]}"#, "[0]"),
    (#"{"type":"BertNormalizer"}"#, "lowercase"),
    (#"{"type":"BertNormalizer","lowercase":1,"clean_text":true}"#, "expected boolean"),
    (#"{"type":"Strip","strip_left":true}"#, "strip_right"), (#"{}"#, "type"), (#"[]"#, "object"),
  ])
  func `an unsupported or malformed normalizer throws with the reason`(text: String, word: String) {
    let reason = reason { $0.normalizer = text }
    #expect(reason.contains("/m/tokenizer.json") && reason.contains(word), "\(reason)")
  }

  @Test func `sequences nested beyond the limit throw`() {
    func nested(_ depth: Int) -> String {
      String(repeating: #"{"type":"Sequence","normalizers":["#, count: depth)
        + String(repeating: "]}", count: depth)
    }
    #expect(reason { $0.normalizer = nested(60) }.hasPrefix("accepted"))
    #expect(reason { $0.normalizer = nested(100) }.contains("nesting"))
  }

  @Test func `an unsupported pre-tokenizer throws with its name`() {
    #expect(
      reason { $0.preTokenizer = #"{"type":"Other"}"# }
        .contains("unsupported pre-tokenizer Other"))
    #expect(reason { $0.preTokenizer = #"{"type":"Sequence"}"# }.contains("pretokenizers"))
  }

  @Test(arguments: [
    (#"{"type":"Other"}"#, "unsupported post-processor Other"),
    (#"{"type":"TemplateProcessing"}"#, "special_tokens"),
    (template(single: #"{"SpecialToken":{"id":"[X]","type_id":0}}"#), "unknown special token"),
    (template(single: #"{"SpecialToken":{"id":"[CLS]","type_id":-1}}"#), "range"),
    (template(single: #"{"Sequence":{"id":"B","type_id":0}}"#), #"expected A, got "B""#),
    (template(single: #"{"Sequence":{"id":"C","type_id":0}}"#), #"expected A, got "C""#),
    (template(single: #"{"Other":{}}"#), "SpecialToken"), (template(single: "7"), "object"),
    (template(ids: "[99]"), "id 99 is not in the vocabulary"), (template(ids: "[-1]"), "id -1"),
    (template(ids: "[1,1]"), "2 ids for 1 tokens"), (template(ids: "[1e0]"), "integer"),
    (
      template(
        single: #"{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"A","type_id":1}}"#),
      "unsupported template with the text A twice"
    ),
    (
      template(single: #"{"Sequence":{"id":"A","type_id":0},"x":0}"#),
      "post_processor.single[0]: expected Sequence or SpecialToken, got 2 keys"
    ),
    (template(name: "7"), "post_processor.special_tokens.[CLS].id: expected string, got 7"),
    (
      #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":7}"#,
      "post_processor.use_regex: expected boolean, got 7"
    ),
    (#"{"type":"BertProcessing","sep":["[SEP]"],"cls":["[CLS]",1]}"#, "expected a token"),
    (#"{"type":"BertProcessing","sep":["[SEP]",50],"cls":["[CLS]",1]}"#, "id 50"),
  ])
  func `an invalid or unsupported post-processor throws`(text: String, word: String) {
    let reason = reason { $0.processor = text }
    #expect(reason.contains("/m/tokenizer.json") && reason.contains(word), "\(reason)")
  }

  @Test func `a template with too many special tokens throws`() {
    func reason(ids: Int, pieces: Int) -> String {
      let list = repeatElement("1", count: ids).joined(separator: ",")
      let names = repeatElement(#""[CLS]""#, count: ids).joined(separator: ",")
      let piece = #"{"SpecialToken":{"id":"[CLS]","type_id":0}}"#
      let single = repeatElement(piece, count: pieces).joined(separator: ",")
      return self.reason {
        $0.processor =
          #"{"type":"TemplateProcessing","single":[\#(single)],"pair":[],"special_tokens":"#
          + #"{"[CLS]":{"id":"[CLS]","ids":[\#(list)],"tokens":[\#(names)]}}}"#
      }
    }
    #expect(reason(ids: 256, pieces: 256).hasPrefix("accepted"))
    #expect(reason(ids: 256, pieces: 257).contains("too many special tokens: more than 65536"))
    #expect(
      reason(ids: 10_000, pieces: 10_000).contains("too many special tokens: more than 65536"))
  }

  @Test func `many offset-trimming steps with a large id need little memory`() {
    let step = #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}"#
    let steps = repeatElement(step, count: 64).joined(separator: ",")
    let result = reason {
      $0.model = wordPiece(vocabulary: #"{"[UNK]":0,"a":16777215}"#)
      $0.processor = #"{"type":"Sequence","processors":[\#(steps)]}"#
    }
    #expect(result == "accepted: [0, 0, 0, 0, 0]")
  }

  private static func template(
    single: String = "", name: String = #""[CLS]""#, ids: String = "[1]"
  ) -> String {
    #"{"type":"TemplateProcessing","single":[\#(single)],"pair":[],"#
      + #""special_tokens":{"[CLS]":{"id":\#(name),"ids":\#(ids),"tokens":["[CLS]"]}}}"#
  }

  @Test func `added tokens have the same ids as in the reference`() {
    func added(_ tokens: String...) -> String {
      reason { $0.added = "[\(tokens.joined(separator: ","))]" }
    }
    #expect(added(addedToken("\"c\"", id: "4")) == "accepted: [2, 3, 0, 0, 0, 4]")
    #expect(added(addedToken("\"\"", id: "9")).hasPrefix("accepted"))
    // The id in the file is ignored, whether it is free, the id of another token, or wrong.
    #expect(added(addedToken("\"c\"", id: "5")) == "accepted: [2, 3, 0, 0, 0, 4]")
    #expect(added(addedToken("\"c\"", id: "2")) == "accepted: [2, 3, 0, 0, 0, 4]")
    #expect(added(addedToken("\"a\"", id: "4")) == "accepted: [2, 0, 0, 0, 0, 0]")
    #expect(added(addedToken("\"c\"", id: "-1")).contains("id"))
    #expect(added(addedToken("\"c\"", id: "1e18")).contains("range"))
    #expect(added(addedToken("7", id: "4")).contains("content: expected string"))
    #expect(added(#"{"id":4,"content":"c"}"#).contains("missing key added_tokens[0].single_word"))
    let twice = added(
      addedToken("\"c\"", id: "4"), addedToken("\"c\"", id: "5"), addedToken("\"[UNK]\"", id: "6"))
    #expect(twice == "accepted: [2, 3, 0, 4]")
    #expect(added(addedToken("\" \"", id: "4", more: "true")).contains("unsupported added token"))
    let long = String(repeating: "x", count: 1025)
    #expect(added(addedToken("\"\(long)\"", id: "4")).contains("1025 bytes, the limit is 1024"))
  }

  @Test(arguments: [
    (#""version":"1.0""#, #""version":"2.0""#, "version: expected"),
    (#""version":"1.0""#, #""version":null"#, "version: expected"),
    (#""added_tokens":[]"#, #""added_tokens":null"#, "added_tokens: expected array, got null"),
    (#""added_tokens":[]"#, #""added_tokens":{}"#, "added_tokens: expected array"),
    (#""added_tokens":[]"#, #""truncation":3"#, "truncation: expected object, got 3"),
    (#""added_tokens":[]"#, #""truncation":{}"#, "missing key truncation.max_length"),
    (
      #""added_tokens":[]"#,
      #""truncation":{"max_length":5,"stride":0,"strategy":"LongestFirst","direction":"Up"}"#,
      "truncation.direction: expected Left or Right"
    ),
    (
      #""added_tokens":[]"#,
      #""truncation":{"max_length":-5,"stride":0,"strategy":"LongestFirst"}"#,
      "truncation.max_length: expected integer"
    ),
    (#""added_tokens":[]"#, #""padding":"x""#, "padding: expected object"),
    (#""added_tokens":[]"#, #""padding":{"strategy":"x"}"#, "padding.strategy: expected"),
    (
      #""added_tokens":[]"#, #""padding":{"strategy":{"Fixed":5,"x":1}}"#,
      "padding.strategy: expected Fixed, got 2 keys"
    ),
    (
      #""added_tokens":[]"#, #""padding":{"strategy":{"Fixed":5},"direction":"Left"}"#,
      "missing key padding.pad_id"
    ),
  ])
  func `an invalid unused section throws, as in the reference`(
    old: String, new: String, word: String
  ) {
    let text = Parts().text
    #expect(text.contains(old))
    let reason = reason(text.replacingOccurrences(of: old, with: new))
    #expect(reason.contains(word), "\(reason)")
  }

  @Test func `the sections truncation and padding have no effect`() {
    let sections =
      #""truncation":{"direction":"Left","max_length":1,"stride":9,"strategy":"OnlyFirst"},"#
      + #""padding":{"strategy":"BatchLongest","direction":"Left","pad_to_multiple_of":8,"#
      + #""pad_id":0,"pad_type_id":0,"pad_token":"a"}"#
    let text = Parts().text.replacingOccurrences(of: #""added_tokens":[]"#, with: sections)
    #expect(reason(text) == "accepted: [2, 3, 0, 0, 0, 0]")
  }

  @Test func `vocabularies may have gaps between ids`() throws {
    var parts = Parts()
    parts.model = wordPiece(vocabulary: #"{"[UNK]":7,"a":16777215,"\u00e9":3,"e\u0301":4}"#)
    let object = try #require(try JSON.parse(Array(parts.text.utf8)).object)
    let tokenizer = try Tokenizer(
      TokenizerFile.pipeline(
        ConfigurationReader(path: "t", object: object, role: .tokenizer)))
    #expect(tokenizer.vocabularySize == 4)
    #expect(tokenizer.id(of: "a") == 16_777_215)
    #expect(tokenizer.token(of: 16_777_215) == "a")
    #expect(tokenizer.token(of: 0) == nil)
    #expect(tokenizer.token(of: -1) == nil)
    #expect(tokenizer.token(of: .max) == nil)
    #expect(tokenizer.id(of: "") == nil)
    #expect(tokenizer.id(of: "\u{E9}") == 3)
    #expect(tokenizer.id(of: "e\u{301}") == 4)
  }

  @Test func `a maximum length below the number of special tokens throws`() throws {
    let tokenizer = try Tokenizer(directory: TokenizerFixtures.path("small"))
    for limit in [Int.min, -1, 0, 1] {
      let error = #expect(throws: (any Error).self) {
        try tokenizer.encode("one two", maxLength: limit)
      }
      #expect("\(String(describing: error))".contains("maxLength"))
    }
    #expect(throws: (any Error).self) { try tokenizer.encode("a", pair: "b", maxLength: 2) }
    #expect(try tokenizer.encode("a", maxLength: .max).count == 3)
  }

  @Test func `the error for a directory without a tokenizer lists the expected files`() throws {
    try withDirectory([:]) { directory in
      let reason = reason(directory: directory)
      for name in ["tokenizer.json", "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model"] {
        #expect(reason.contains(name), "\(reason)")
      }
    }
  }

  @Test func `a malformed vocab.txt throws with the line`() throws {
    let good = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"
    func reason(_ bytes: [UInt8], _ options: String? = nil) throws -> String {
      var files = ["vocab.txt": bytes]
      if let options { files["tokenizer_config.json"] = Array(options.utf8) }
      return try withDirectory(files) { self.reason(directory: $0) }
    }
    #expect(try reason(Array(good.utf8)) == "accepted: [2, 5, 3]")
    #expect(try reason(Array(good.utf8) + [0x61, 0xFF, 0x0A]).contains("line 7 is not UTF-8"))
    #expect(try reason([]).contains("unknown token"))
    #expect(try reason(Array("a\nb".utf8)).contains("unknown token"))
    // As in the reference, a duplicate token leaves a gap in the ids, and an added token shares an id.
    #expect(try reason(Array("[UNK]\na\na\nb\n".utf8)) == "accepted: [5, 2, 3]")
    #expect(try reason(Array(good.utf8), "[]").contains("tokenizer_config.json: expected object"))
    #expect(try reason(Array(good.utf8), #"{"do_lower_case":1}"#).contains("do_lower_case"))
    #expect(try reason(Array(good.utf8), #"{"cls_token":""}"#).contains("cls_token"))
    #expect(try reason(Array(good.utf8), #"{"unk_token":"?"}"#).contains("unknown token"))
  }

  private func reason(directory: String) -> String {
    do {
      return "accepted: \(try Tokenizer(directory: directory).encode("A").ids)"
    } catch {
      return "\(error)"
    }
  }

  private func withDirectory<Result>(
    _ files: [String: [UInt8]], _ body: (String) throws -> Result
  ) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    for (name, bytes) in files { try Data(bytes).write(to: url.appending(path: name)) }
    return try body(url.path)
  }
}
