import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Errors for invalid files around the encoder.
@Suite struct SentencePipelineTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try SentenceFixture.folder("mean") }

  private func failure(_ name: String, _ text: String) throws -> String {
    try folder.write(text.utf8, to: name)
    return failureText { try SentenceEmbedder(model: folder.path) }
  }

  private func module(
    _ type: String = "sentence_transformers.models.Pooling", path: String = "1_Pooling",
    idx: String = "1"
  ) -> String {
    #"{"idx": \#(idx), "name": "1", "path": \#(path.debugDescription), "type": "\#(type)"}"#
  }

  @Test(arguments: [
    "WordWeights", "CNN", "sentence_transformers.models.Asym", "evil.module.Run", "",
  ])
  func `a module that is not implemented is named`(type: String) throws {
    let text = try failure("modules.json", "[\(module(type))]")
    #expect(text.hasPrefix(folder.path("modules.json")), "\(text)")
    #expect(text.contains("unsupported module \(type)"), "\(text)")
    #expect(text.contains("(supported: Transformer, Pooling, Dense, LayerNorm, "), "\(text)")
  }

  @Test(arguments: ["../other", "..", "/etc", "1_Pooling/..", "a/b"])
  func `a module outside the model's folder is refused`(path: String) throws {
    let text = try failure("modules.json", "[\(module(path: path))]")
    #expect(text.contains(path), "\(text)")
    #expect(text.contains("outside the model directory"), "\(text)")
  }

  @Test func `an encoder may be in a separate folder, with its tokenizer and settings`() throws {
    let whole = try SentenceEmbedder(model: folder.path)
    let modules = module("x.Transformer", path: "0_Transformer", idx: "0")
    try folder.write("[\(modules), \(module())]".utf8, to: "modules.json")
    let files = FileManager.default
    try files.createDirectory(
      atPath: folder.path("0_Transformer"), withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: folder.path)
    where !["modules.json", "1_Pooling", "0_Transformer"].contains(name) {
      try files.moveItem(
        atPath: folder.path(name), toPath: folder.path("0_Transformer/\(name)"))
    }
    let moved = try SentenceEmbedder(model: folder.path)
    #expect(moved.maxLength == 12)
    #expect(try moved.encodings(of: ["the cat"]) == whole.encodings(of: ["the cat"]))
    // Only the normalization is missing.
    let measure = Similarity.cosine
    #expect(try measure(moved.embed(["the cat"]), whole.embed(["the cat"]))[0, 0] > 0.999_999)
  }

  @Test func `a dense layer that does not fit is named with both sizes`() throws {
    let folder = try SentenceFixture.folder("dense")
    try folder.edit("1_Pooling/config.json", replacing: "\"mean\"", with: "[\"mean\", \"max\"]")
    let text = failureText { try SentenceEmbedder(model: folder.path) }
    #expect(text.contains("step 1 after pooling: expected 24 features, got 48"), "\(text)")
    try folder.edit("2_Dense/config.json", replacing: "activation.Tanh", with: "activation.Mish")
    let unknown = failureText { try SentenceEmbedder(model: folder.path) }
    #expect(unknown.contains("activation_function torch.nn.modules.activation.Mish"), "\(unknown)")
  }

  @Test func `prompts are found by name`() throws {
    let embedder = try SentenceFixture("prompt").embedder()
    #expect(embedder.prompts == ["query": "The mat: ", "document": ""])
    func ids(_ prompt: EmbeddingPrompt) throws -> [Int] {
      try embedder.encodings(of: ["money"], prompt: prompt)[0].ids
    }
    #expect(try ids(.default) == ids(.query) && ids(.query) == ids(.text("The mat: ")))
    #expect(try ids(.document) == ids(.text("")) && ids(.named("query")) == ids(.query))
    let text = failureText { try ids(.named("Query")) }
    #expect(
      text.contains("the model has no prompt Query; its prompts: document, query"), "\(text)")
    try FileManager.default.removeItem(
      atPath: folder.path("config_sentence_transformers.json"))
    let plain = try SentenceEmbedder(model: folder.path)
    #expect(try plain.encodings(of: ["money"], prompt: .query)[0].count == 3)
    #expect(
      failureText { try plain.embed("money", prompt: .named("x")) }
        .contains("it has no prompts"))
  }

  @Test(arguments: [
    ("{}", "expected array, got object"), ("[7]", "[0]: expected object, got integer"),
    ("[{}]", "missing key [0].idx"), (#"[{"idx": "0"}]"#, "[0].idx: expected integer"),
    (#"[{"idx": -1}]"#, "range"), (#"[{"idx": 0}]"#, "missing key [0].type"),
    (#"[{"idx": 0, "type": 1}]"#, "[0].type: expected string"),
    (#"[{"idx": 0, "type": "Pooling"}]"#, "missing key [0].path"), ("[", "truncated"),
    ("[NaN]", "NaN"), (String(repeating: "[", count: 1000), "nesting"), ("", "truncated"),
  ])
  func `a malformed list of modules is refused with its path`(text: String, word: String) throws {
    let reason = try failure("modules.json", text)
    #expect(reason.hasPrefix(folder.path("modules.json") + ": "), "\(reason)")
    #expect(reason.contains(word), "\(reason)")
  }

  @Test func `modules are applied in the order of idx`() throws {
    try folder.copy(fixture: "Sentences/cls/1_Pooling/config.json", to: "2_Pooling/config.json")
    try folder.write(
      "[\(module(path: "2_Pooling", idx: "2")), \(module(idx: "1"))]".utf8, to: "modules.json")
    #expect(try SentenceEmbedder(model: folder.path).poolings == [.cls])
  }

  @Test func `files that are folders or pipes are refused`() throws {
    for name in ["modules.json", "1_Pooling/config.json", "sentence_bert_config.json"] {
      for kind in ["folder", "pipe"] {
        let folder = try SentenceFixture.folder("mean")
        try FileManager.default.removeItem(atPath: folder.path(name))
        _ = kind == "pipe" ? try folder.pipe(name) : try folder.makeDirectory(name)
        let text = failureText { try SentenceEmbedder(model: folder.path) }
        #expect(text.contains("\(name): "), "\(text)")
        #expect(text.contains("regular file"), "\(text)")
      }
    }
  }

  @Test func `a missing pooling is named`() throws {
    let text = try failure("modules.json", "[\(module(path: "7_Pooling"))]")
    #expect(text.contains("7_Pooling: no such file"), "\(text)")
    #expect(text.lowercased().contains("no such file"), "\(text)")
  }

  @Test(arguments: [
    (#"{"pooling_mode": "attention"}"#, "unsupported pooling_mode attention"),
    (#"{"pooling_mode": ["mean", "none"]}"#, "unsupported pooling_mode none"),
    (#"{"pooling_mode": 7}"#, "pooling_mode: expected string or array of strings, got 7"),
    (#"{"pooling_mode": ["mean", 7]}"#, "pooling_mode: expected string or array of strings"),
    (#"{"pooling_mode": []}"#, "no pooling mode"),
    (#"{"pooling_mode_mean_tokens": "yes"}"#, "pooling_mode_mean_tokens: expected boolean"),
    (#"{"pooling_mode": "mean", "include_prompt": 0}"#, "include_prompt: expected boolean"),
    ("[]", "expected object"), ("", "truncated"),
  ])
  func `a pooling that is invalid or not implemented is refused`(
    text: String, word: String
  ) throws {
    let reason = try failure("1_Pooling/config.json", text)
    #expect(reason.hasPrefix(folder.path("1_Pooling/config.json")), "\(reason)")
    #expect(reason.contains(word), "\(reason)")
  }

  @Test(arguments: [
    ("sentence_bert_config.json", #"{"max_seq_length": 0}"#, "max_seq_length: expected integer"),
    ("sentence_bert_config.json", #"{"max_seq_length": -3}"#, "range"),
    ("sentence_bert_config.json", #"{"max_seq_length": "9"}"#, "max_seq_length: expected integer"),
    ("sentence_bert_config.json", #"{"do_lower_case": 1}"#, "do_lower_case: expected boolean"),
    ("tokenizer_config.json", #"{"model_max_length": 0}"#, "model_max_length: expected number"),
    ("tokenizer_config.json", #"{"model_max_length": "9"}"#, "model_max_length: expected number"),
    (
      "config_sentence_transformers.json", #"{"default_prompt_name": "q"}"#,
      "default_prompt_name q: no prompt of this name"
    ),
    (
      "config_sentence_transformers.json", #"{"truncate_dim": 0}"#,
      "truncate_dim: expected integer in the range 1"
    ),
    (
      "config_sentence_transformers.json", #"{"default_prompt_name": "q", "prompts": {"q": 1}}"#,
      "prompts.q: expected string"
    ),
  ])
  func `settings of the wrong kind are refused with file and key`(
    name: String, text: String, word: String
  ) throws {
    let reason = try failure(name, text)
    #expect(reason.hasPrefix(folder.path(name)), "\(reason)")
    #expect(reason.contains(word), "\(reason)")
  }

  @Test(arguments: [
    ("{}", #"{"model_max_length": 7}"#, 7), ("{}", "{}", 24),
    ("{}", #"{"model_max_length": 1000000000000000019884624838656}"#, 24),
    ("{}", #"{"model_max_length": null}"#, 24), ("{}", #"{"model_max_length": 512}"#, 24),
    (#"{"max_seq_length": 9}"#, #"{"model_max_length": 7}"#, 9),
    (#"{"max_seq_length": 500}"#, "{}", 24), (#"{"max_seq_length": null}"#, "{}", 24),
  ])
  func `the length is the sentence model's, else the tokenizer's, at most the encoder's`(
    sentence: String, tokenizer: String, length: Int
  ) throws {
    try folder.write(sentence.utf8, to: "sentence_bert_config.json")
    try folder.write(tokenizer.utf8, to: "tokenizer_config.json")
    #expect(try SentenceEmbedder(model: folder.path).maxLength == length)
  }

  @Test func `a length without room for the special tokens is refused`() throws {
    try folder.write(#"{"max_seq_length": 1}"#.utf8, to: "sentence_bert_config.json")
    let embedder = try SentenceEmbedder(model: folder.path)
    let text = failureText { try embedder.embed("cat") }
    #expect(text.contains("at least 2") && text.contains("got 1"), "\(text)")
  }

  @Test func `texts are converted to lower case if the model says so`() throws {
    let config = "tokenizer_config.json"
    try folder.edit(config, replacing: "\"do_lower_case\": true", with: "\"do_lower_case\": false")
    #expect(try tokens(of: "CAT") == ["[CLS]", "[UNK]", "[SEP]"])
    try folder.write(#"{"do_lower_case": true}"#.utf8, to: "sentence_bert_config.json")
    #expect(try tokens(of: "CAT") == ["[CLS]", "cat", "[SEP]"])
  }

  private func tokens(of text: String) throws -> [String] {
    try SentenceEmbedder(model: folder.path).encodings(of: [text])[0].tokens
  }
}
