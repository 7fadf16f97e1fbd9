import Foundation
import TestSupport
import Testing

@testable import Tokenizers

/// Sizes in a tokenizer.json that multiply with each other: refused before memory is allocated, or linear.
@Suite(.hangLimit) struct HostileTokenizerTests {
  /// The sections of a valid file; each test replaces some.
  private struct File {
    var vocabulary = ###""[UNK]":0,"[CLS]":1,"a":2,"##b":3"###
    var normalizer = "null"
    var preTokenizer = #"{"type":"BertPreTokenizer"}"#
    var processor = "null"
    var decoder = "null"
    var added = "[]"

    var text: String {
      #"{"version":"1.0","added_tokens":\#(added),"normalizer":\#(normalizer),"pre_tokenizer":"#
        + #"\#(preTokenizer),"post_processor":\#(processor),"decoder":\#(decoder),"model":"#
        + ###"{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","###
        + #""max_input_chars_per_word":100,"vocab":{\#(vocabulary)}}}"#
    }
  }

  private func tokenizer(_ change: (inout File) -> Void) throws -> Tokenizer {
    var file = File()
    change(&file)
    let folder = try TemporaryDirectory()
    try folder.write(file.text.utf8, to: "tokenizer.json")
    return try Tokenizer(directory: folder.path)
  }

  private func reason(_ change: (inout File) -> Void) -> String {
    failureText { try tokenizer(change).encode("ab").ids }
  }

  private func list(_ element: String, count: Int) -> String {
    "[\(Array(repeating: element, count: count).joined(separator: ","))]"
  }

  @Test func `the ids of special tokens times the length of a template is limited`() {
    let special = #"{"SpecialToken":{"id":"[CLS]","type_id":0}}"#
    let text = #"{"Sequence":{"id":"A","type_id":0}}"#
    let ids = list("1", count: 10_000)
    let tokens = list(#""[CLS]""#, count: 10_000)
    for isPair in [false, true] {
      let long = list(special, count: 100_000)
      let reason = reason {
        $0.processor =
          #"{"type":"TemplateProcessing","single":\#(isPair ? "[\(text)]" : long),"pair":"#
          + #"\#(isPair ? long : "[\(text)]"),"special_tokens":"#
          + #"{"[CLS]":{"id":"[CLS]","ids":\#(ids),"tokens":\#(tokens)}}}"#
      }
      #expect(reason.contains("too many special tokens"), "\(reason)")
      #expect(reason.contains(isPair ? "post_processor.pair" : "post_processor.single"))
    }
  }

  static let sequences = [
    ("normalizer", "normalizers", #"{"type":"Lowercase"}"#),
    ("pre_tokenizer", "pretokenizers", #"{"type":"Whitespace"}"#),
    (
      "post_processor", "processors",
      #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}"#
    ),
    ("decoder", "decoders", #"{"type":"Fuse"}"#),
  ]

  @Test(arguments: sequences)
  func `a section has a limited number of steps`(section: String, key: String, step: String) {
    for (count, isAccepted) in [(63, true), (70, false), (100_000, false)] {
      // A second level, so that nesting does not hide steps.
      let inner = #"{"type":"Sequence","\#(key)":\#(list(step, count: count - 1))}"#
      let value = #"{"type":"Sequence","\#(key)":[\#(step),\#(inner)]}"#
      let reason = reason {
        switch section {
        case "normalizer": $0.normalizer = value
        case "pre_tokenizer": $0.preTokenizer = value
        case "post_processor": $0.processor = value
        default: $0.decoder = value
        }
      }
      if isAccepted {
        #expect(reason.hasPrefix("no failure"), "\(reason)")
      } else {
        #expect(reason.contains("more than 64 steps") && reason.contains(section), "\(reason)")
      }
    }
  }

  @Test func `a very large id costs no memory`() throws {
    let id = ModelVocabulary.idLimit - 1
    let step = Self.sequences[2].2
    let tokenizer = try tokenizer {
      $0.vocabulary += #","c":\#(id)"#
      $0.processor = #"{"type":"Sequence","processors":\#(list(step, count: 60))}"#
    }
    #expect(try tokenizer.encode("a c").ids == [2, id])
    #expect(tokenizer.token(of: id) == "c" && tokenizer.token(of: id - 1) == nil)
  }

  @Test func `the total length of a vocabulary is limited`() {
    let long = String(repeating: "x", count: 1 << 20)
    let tokens = (0..<17).map { #","\#($0)\#(long)":\#($0 + 4)"# }.joined()
    #expect(reason { $0.vocabulary += tokens }.contains("the limit is 16777216"))
  }

  @Test func `decoding steps cannot multiply the length of a text`() {
    let step =
      #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(String(repeating: "a", count: 64))"}"#
    for pattern in [step, step.replacingOccurrences(of: "String\":\"a", with: "Regex\":\"a*")] {
      let reason = reason {
        $0.decoder = #"{"type":"Sequence","decoders":\#(list(pattern, count: 10))}"#
      }
      #expect(reason.contains("times longer"), "\(reason)")
    }
  }

  @Test func `normalizers cannot multiply the length of an added token`() {
    let step =
      #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(String(repeating: "a", count: 64))"}"#
    let reason = reason {
      $0.normalizer = #"{"type":"Sequence","normalizers":\#(list(step, count: 10))}"#
      $0.added =
        #"[{"id":4,"content":"aa","single_word":false,"lstrip":false,"rstrip":false,"#
        + #""normalized":true,"special":false}]"#
    }
    #expect(reason.contains("after normalization") && reason.contains("aa"), "\(reason)")
  }

  @Test func `normalizers cannot multiply the length of a text`() throws {
    let step =
      #"{"type":"Replace","pattern":{"String":"a"},"content":"\#(String(repeating: "a", count: 64))"}"#
    let tokenizer = try tokenizer {
      $0.normalizer = #"{"type":"Sequence","normalizers":\#(list(step, count: 10))}"#
    }
    for count in [1, 1000, 100_000] {
      let text = failureText { try tokenizer.encode(String(repeating: "a", count: count)) }
      #expect(text.contains("after normalization"), "\(text)")
    }
  }

  @Test func `texts in errors are escaped and shortened`() {
    let name = #"x\n\u001b[31m\#(String(repeating: "y", count: 100_000))"#
    let changes: [(inout File) -> Void] = [
      { $0.normalizer = #"{"type":"\#(name)"}"# }, { $0.preTokenizer = #"{"type":"\#(name)"}"# },
      { $0.processor = #"{"type":"\#(name)"}"# }, { $0.decoder = #"{"type":"\#(name)"}"# },
      { $0.vocabulary += #","\#(name)":-1"# }, { $0.vocabulary += #","\#(name)":0"# },
      { $0.added = #"[{"id":4,"\#(name)":1}]"# },
      {
        $0.preTokenizer =
          #"{"type":"Split","pattern":{"Regex":"(\#(name)"},"behavior":"Removed","invert":false}"#
      },
      { $0.preTokenizer = #"{"type":"Punctuation","behavior":"\#(name)"}"# },
      { $0.processor = #"{"type":"BertProcessing","sep":["\#(name)",77],"cls":["a",2]}"# },
      { $0.preTokenizer = #"{"type":"CharDelimiterSplit","delimiter":"\#(name)"}"# },
      { $0.vocabulary += #","\#(name)":4,"\#(name)":5"# },
    ]
    for change in changes {
      let reason = reason(change)
      #expect(reason.contains("tokenizer.json: ") && reason.count < 2000, "\(reason.prefix(300))")
      #expect(!reason.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
  }
}
