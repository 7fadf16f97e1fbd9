import Foundation
import Testing

@testable import Tokenizers

@Suite struct FamilyErrorTests {
  /// The error for a file with these sections, or "accepted" with the ids of "ab c" and their text.
  private func reason(
    model: String = bpe(), normalizer: String = "null", preTokenizer: String = "null",
    decoder: String = "null", added: String = "[]"
  ) -> String {
    let text =
      #"{"version":"1.0","added_tokens":\#(added),"normalizer":\#(normalizer),"#
      + #""pre_tokenizer":\#(preTokenizer),"decoder":\#(decoder),"model":\#(model)}"#
    do {
      let value = try JSON.parse(Array(text.utf8))
      let reader = ConfigurationReader(
        path: "/m/tokenizer.json", object: value.object ?? JSONObject(), role: .tokenizer)
      let tokenizer = try Tokenizer(TokenizerFile.pipeline(reader))
      let ids = try tokenizer.encode("ab c").ids
      return "accepted: \(ids) \(tokenizer.decode(ids))"
    } catch {
      return "\(error)"
    }
  }

  private static func bpe(
    vocabulary: String = #"{"<unk>":0,"a":1,"b":2,"ab":3,"c":4}"#, merges: String = #"["a b"]"#,
    more: String = ""
  ) -> String {
    #"{"type":"BPE","unk_token":"<unk>"\#(more),"vocab":\#(vocabulary),"merges":\#(merges)}"#
  }

  private static func unigram(
    _ vocabulary: String = #"[["<unk>",0],["a",-1],["b",-2],["ab",-1.5]]"#, unknown: String = "0",
    more: String = ""
  ) -> String {
    #"{"type":"Unigram","unk_id":\#(unknown)\#(more),"vocab":\#(vocabulary)}"#
  }

  @Test func `the unmodified files of these tests are valid`() {
    #expect(reason() == "accepted: [3, 0, 4] ab <unk> c")
    #expect(reason(model: Self.bpe(merges: #"[["a","b"]]"#)).hasPrefix("accepted: [3, 0, 4]"))
    #expect(
      reason(model: Self.bpe(merges: ##"["#version: 0.2","a b"]"##)).hasPrefix("accepted: [3,"))
    #expect(reason(model: Self.unigram()).hasPrefix("accepted: [3, 0]"))
  }

  @Test(arguments: [
    (bpe(merges: #"["a x"]"#), #"merge 0 of "a" and "x": the token "x" is missing"#),
    (bpe(merges: #"["b a"]"#), #"the token "ba" is missing"#),
    (bpe(merges: #"["a b c"]"#), "merges[0]: expected two tokens"),
    (bpe(merges: #"["ab"]"#), "merges[0]"), (bpe(merges: #"[["a"]]"#), "merges[0]"),
    (bpe(merges: #"[["a",1]]"#), "merges[0]"), (bpe(merges: "[7]"), "merges[0]"),
    (bpe(merges: "{}"), "merges: expected array"),
    (bpe(vocabulary: #"{"a":0,"b":0}"#, merges: "[]"), "duplicate id 0"),
    (bpe(vocabulary: #"{"a":0}"#, merges: "[]"), "unknown token"),
    (bpe(vocabulary: "{}", merges: "[]"), "unknown token"),
    (bpe(vocabulary: #"{"<unk>":-1}"#, merges: "[]"), "range"),
    (bpe(more: #","dropout":0.1"#), "unsupported dropout 0.1"),
    (bpe(more: #","dropout":2"#), "dropout"),
    (
      bpe(vocabulary: #"{"<unk>":0,"<0xZZ>":1}"#, merges: "[]", more: #","byte_fallback":true"#),
      #"malformed byte token "<0xZZ>""#
    ),
    (
      bpe(
        vocabulary: #"{"<unk>":0,"a":1,"\u00e9":2,"a\u00e9":3}"#, merges: #"[["a","\u00e9"]]"#,
        more: ##","continuing_subword_prefix":"#""##), "continuing prefix"
    ),
    (
      bpe(more: #","byte_fallback":true,"end_of_word_suffix":"$""#),
      "unsupported byte_fallback with continuing_subword_prefix or end_of_word_suffix"
    ),
  ])
  func `a malformed BPE model throws`(model: String, word: String) {
    let reason = reason(model: model)
    #expect(reason.contains("/m/tokenizer.json") && reason.contains(word), "\(reason)")
  }

  @Test(arguments: [
    (unigram(unknown: "4"), "unk_id 4 is not in the vocabulary of 4"),
    (unigram(unknown: "-1"), "unk_id"), (unigram(unknown: "null"), "Unigram without unk_id"),
    (unigram("[]"), "unk_id 0 is not in the vocabulary of 0"),
    (unigram(#"[["<unk>",1e999]]"#), "a number out of range"),
    (unigram(#"[["<unk>",NaN]]"#), "NaN"), (unigram(#"[["<unk>"]]"#), "vocab[0]"),
    (unigram(#"[[1,1]]"#), "vocab[0]"), (unigram(#"{"a":1}"#), "expected array"),
    (
      unigram(#"[["<unk>",0],["\#(String(repeating: "a", count: 513))",0]]"#),
      "vocab[1]: token longer than 512 bytes"
    ),
  ])
  func `a malformed Unigram model throws`(model: String, word: String) {
    let reason = reason(model: model)
    #expect(reason.contains(word), "\(reason)")
  }

  @Test(arguments: [
    (
      #"{"type":"Split","pattern":{"Regex":"(ab)\\1"},"behavior":"Isolated","invert":false}"#,
      #"unsupported pattern "(ab)\1" in pre_tokenizer.pattern: back-reference \1 at character 7"#
    ),
    (
      #"{"type":"Split","pattern":{"Regex":"a","String":"a"},"behavior":"Isolated","invert":false}"#,
      "pre_tokenizer.pattern: expected String or Regex, got 2 keys"
    ),
    (
      #"{"type":"Split","pattern":{"Other":"a"},"behavior":"Isolated","invert":false}"#,
      "pre_tokenizer.pattern: expected String or Regex"
    ),
    (
      #"{"type":"Split","pattern":{"Regex":"\u001b\n("},"behavior":"Isolated","invert":false}"#,
      #"unsupported pattern "\u{1b}\n(""#
    ),
    (
      #"{"type":"Split","pattern":{"String":"\#(String(repeating: "a", count: 129))"},"#
        + #""behavior":"Isolated","invert":false}"#, "unsupported pattern of 129 bytes"
    ),
    (#"{"type":"FixedLength","length":0}"#, "pre_tokenizer.length"),
    (
      #"{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}"#,
      "unsupported pattern of 0 bytes"
    ),
    (
      #"{"type":"Split","pattern":{"String":"a"},"behavior":"Other","invert":false}"#,
      "unsupported split behavior Other"
    ),
    (#"{"type":"Split","pattern":{"String":"a"},"invert":false}"#, "behavior"),
    (#"{"type":"Split","behavior":"Isolated","invert":false}"#, "pattern"),
    (#"{"type":"Metaspace","replacement":"ab","prepend_scheme":"always"}"#, "one character"),
    (#"{"type":"Metaspace","replacement":"_","prepend_scheme":"sometimes"}"#, "prepend_scheme"),
    (
      #"{"type":"Metaspace","replacement":"_","prepend_scheme":"always","add_prefix_space":false}"#,
      "add_prefix_space: false contradicts prepend_scheme always"
    ),
    (#"{"type":"Digits"}"#, "individual_digits"), (#"{"type":"ByteLevel"}"#, "add_prefix_space"),
    (
      #"{"type":"Sequence","pretokenizers":["#
        + #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true},"#
        + #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}]}"#,
      "ByteLevel after ByteLevel"
    ),
    (#"{"type":"ByteLevel","add_prefix_space":false}"#, "missing key pre_tokenizer.trim_offsets"),
    (
      #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":null}"#,
      "missing key pre_tokenizer.use_regex"
    ),
    (
      #"{"type":"Split","pattern":"a","behavior":"Isolated","invert":false}"#,
      "pre_tokenizer.pattern: expected object, got string"
    ),
    (
      #"{"type":"Split","pattern":{"String":"a","x":1},"behavior":"Isolated","invert":false}"#,
      "pre_tokenizer.pattern: expected String or Regex, got 2 keys"
    ),
  ])
  func `an invalid or unsupported pre-tokenizer throws`(text: String, word: String) {
    let reason = reason(preTokenizer: text)
    #expect(reason.contains("/m/tokenizer.json") && reason.contains(word), "\(reason)")
  }

  @Test(arguments: [
    (#"{"type":"CTC"}"#, "unsupported decoder CTC"),
    (#"{"type":"Strip","content":"ab"}"#, "one char"),
    (#"{"type":"Strip","content":"a","start":-1,"stop":0}"#, "range"),
    (#"{"type":"BPEDecoder","suffix":""}"#, "suffix"),
    (#"{"type":"Replace","pattern":{"Regex":"(?<=ab)c"},"content":""}"#, "look-behind"),
    (#"{"type":"Sequence"}"#, "decoders"),
    (#"{"type":"ByteLevel"}"#, "missing key decoder.add_prefix_space"),
    (
      #"{"type":"Metaspace","replacement":"_","split":[true]}"#,
      "decoder.split: expected boolean, got array"
    ),
    (
      #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":"yes"}"#,
      "decoder.trim_offsets: expected boolean"
    ),
  ])
  func `an invalid or unsupported decoder throws`(text: String, word: String) {
    let reason = reason(decoder: text)
    #expect(reason.contains("/m/tokenizer.json") && reason.contains(word), "\(reason)")
  }

  /// A `Precompiled` normalizer with these trie units and replacement strings.
  private func charsmap(_ units: [UInt32], _ strings: [UInt8], size: UInt32? = nil) -> String {
    let words = [size ?? UInt32(units.count * 4)] + units
    let bytes = words.flatMap { word in (0..<4).map { UInt8(word >> (8 * $0) & 0xFF) } } + strings
    return #"{"type":"Precompiled","precompiled_charsmap":"\#(Data(bytes).base64EncodedString())"}"#
  }

  @Test func `a malformed charsmap throws`() {
    func reason(_ text: String) -> String { self.reason(normalizer: text) }
    let start = #"{"type":"Precompiled","precompiled_charsmap":"#
    #expect(reason(start + #""?"}"#).contains("precompiled_charsmap: not base64"))
    #expect(reason(start + #""AAA="}"#).contains("too small"))
    #expect(reason(charsmap([], [])).contains("trie of 0 bytes"))
    #expect(reason(charsmap([0], [], size: 400)).contains("trie of 400 bytes in a charsmap of 8 "))
    #expect(reason(charsmap([0], [], size: .max)).contains("trie of \(UInt32.max) bytes"))
    #expect(reason(charsmap([0], [0xFF, 0])).contains("not UTF-8"))
    #expect(
      reason(charsmap([0], Array(repeating: 0x61, count: 300))).contains("replacement of 300 bytes")
    )
  }

  @Test func `random trie offsets in a charsmap do not crash`() {
    var seed: UInt64 = 5
    for _ in 0..<300 {
      let units = (0..<300).map { _ -> UInt32 in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt32(truncatingIfNeeded: seed >> 33) & 0x8000_07FF | UInt32(seed >> 60) << 10
      }
      #expect(reason(normalizer: charsmap(units, Array("x\0\u{E9}\0".utf8))).hasPrefix("accepted"))
    }
  }

  @Test func `text that normalizers inflate too much throws`() throws {
    let content = String(repeating: "a", count: 64)
    #expect(
      reason(
        normalizer: #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(content)a"}"#
      ).contains("65 bytes, the limit is 64"))
    let step = #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(content)"}"#
    let steps = Array(repeating: step, count: 6).joined(separator: ",")
    let reason = reason(normalizer: #"{"type":"Sequence","normalizers":[\#(steps)]}"#)
    #expect(reason.contains("text: ") && reason.contains("bytes after normalization"), "\(reason)")
  }
}
