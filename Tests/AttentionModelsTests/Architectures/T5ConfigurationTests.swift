import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Loading of T5: values in `config.json`, and errors for invalid values and weights.
@Suite struct T5ConfigurationTests {
  private let file: ConfigurationFile

  init() throws {
    file = try ConfigurationFile(Self.members) { try EncoderDecoderFixture.copy("T5/v1.0", to: $0) }
  }

  /// The keys of version 1.0 in the fixtures.
  private static let members = [
    "model_type": "\"t5\"", "vocab_size": "64", "d_model": "24", "d_kv": "5", "num_heads": "3",
    "d_ff": "26", "num_layers": "1", "num_decoder_layers": "2",
  ]

  private func load(_ changes: [String: String?]) throws -> T5 {
    try file.write(changes)
    return try T5(file.directory)
  }

  private func failure(_ changes: [String: String?]) -> String {
    failureText { try load(changes) }
  }

  @Test func `few keys are required: the others have the defaults of version 1`() throws {
    let configuration = try load([:]).configuration
    #expect(configuration.bucketCount == 32)
    #expect(configuration.maximumDistance == 128)
    #expect(configuration.epsilon == 1e-6)
    #expect(configuration.activation == .relu)
    #expect(!configuration.isGated)
    #expect(configuration.scalesOutput)
    #expect(configuration.startToken == 0)
    #expect(try load(["num_decoder_layers": "1"]).configuration.decoderLayerCount == 1)
    #expect(try load(["num_decoder_layers": nil]).configuration.decoderLayerCount == 1)
  }

  @Test func `a missing type is named`() throws {
    for value in [nil, "null"] {
      let text = failure(["model_type": value])
      #expect(text == "\(file.folder.path("config.json")): missing key model_type")
    }
  }

  @Test func `generation_config·json comes before config·json for the start token`() throws {
    try file.folder.write(#"{"decoder_start_token_id": 9}"#.utf8, to: "generation_config.json")
    let model = try load(["decoder_start_token_id": "7"])
    #expect(model.configuration.startToken == 9)
    #expect(try model.begin(PackedTokens([[3, 4], [5]])).tokens.ids == [9, 9])
    // As in transformers, bos_token_id is the start token if the file has no other.
    try file.folder.write(#"{"bos_token_id": 5}"#.utf8, to: "generation_config.json")
    #expect(try load(["decoder_start_token_id": "7"]).configuration.startToken == 5)
    try file.folder.write(#"{"decoder_start_token_id": [6]}"#.utf8, to: "generation_config.json")
    #expect(try load(["decoder_start_token_id": "7"]).configuration.startToken == 6)
    try file.folder.write("{}".utf8, to: "generation_config.json")
    #expect(try load(["decoder_start_token_id": "7"]).configuration.startToken == 7)
    #expect(try load(["bos_token_id": "8"]).configuration.startToken == 8)
    try file.folder.write(#"{"decoder_start_token_id": 64}"#.utf8, to: "generation_config.json")
    let text = failure(["decoder_start_token_id": "7"])
    #expect(text.contains("generation_config.json: decoder_start_token_id: expected"), "\(text)")
  }

  static let sizes = [
    "vocab_size", "d_model", "d_kv", "num_heads", "d_ff", "num_layers", "num_decoder_layers",
    "relative_attention_num_buckets", "relative_attention_max_distance",
  ]

  @Test(arguments: sizes) func `a size of another type or out of range is refused`(
    key: String
  ) {
    file.expectRefused(size: key, failure: failure)
  }

  @Test(arguments: ["decoder_start_token_id", "pad_token_id"])
  func `a start token outside the vocabulary is refused`(key: String) throws {
    for value in ["64", "-1", "1e18", "\"<s>\""] {
      #expect(failure([key: value]).contains("\(key): expected integer in the range 0...63"))
    }
    #expect(try load([key: "63"]).configuration.startToken == 63)
    #expect(
      try load(["decoder_start_token_id": "7", "pad_token_id": "8"]).configuration.startToken == 7)
  }

  @Test(
    arguments: [
      (["feed_forward_proj": "\"mish\""], ["unsupported feed_forward_proj mish", "gated-gelu"]),
      (["feed_forward_proj": "\"gated-mish\""], ["feed_forward_proj gated-mish", "gated-silu"]),
      (["feed_forward_proj": "\"gated\""], ["unsupported feed_forward_proj gated"]),
      (["feed_forward_proj": "\"gated-\""], ["unsupported feed_forward_proj gated-"]),
      (["feed_forward_proj": "\"gated-gelu-x\""], ["feed_forward_proj gated-gelu-x"]),
      (["feed_forward_proj": "\"other-gelu\""], ["feed_forward_proj other-gelu"]),
      (["feed_forward_proj": "\"\""], ["unsupported feed_forward_proj"]),
      (["feed_forward_proj": "7"], ["feed_forward_proj: expected string"]),
      (["dense_act_fn": "\"mish\""], ["unsupported dense_act_fn mish", "gelu_new"]),
      (["is_gated_act": "1"], ["is_gated_act: expected boolean"]),
      (["is_encoder_decoder": "false"], ["unsupported is_encoder_decoder: false"]),
      (["is_decoder": "true"], ["unsupported is_decoder: true"]),
      (["scale_decoder_outputs": "\"no\""], ["scale_decoder_outputs: expected boolean"]),
      (["tie_word_embeddings": "0"], ["tie_word_embeddings: expected boolean"]),
      (["layer_norm_epsilon": "0"], ["layer_norm_epsilon: expected number in the range"]),
      (["layer_norm_epsilon": "-1e-6"], ["layer_norm_epsilon: expected number in the range"]),
      (["quantization_config": "{\"quant_method\": \"gptq\"}"], ["quantization_config gptq"]),
      (["model_type": "\"longt5\""], ["unsupported architecture longt5", "t5"]),
      (["relative_attention_num_buckets": "3"], ["expected integer in the range 4..."]),
      (
        ["relative_attention_max_distance": "16"],
        ["relative_attention_max_distance 16", "relative_attention_num_buckets 32"]
      ),
    ] as [([String: String?], [String])])
  func `an invalid variant or one that is not implemented is named`(
    changes: [String: String?], words: [String]
  ) {
    let text = failure(changes)
    #expect(text.hasPrefix(file.folder.path("config.json")), "\(text)")
    for word in words { #expect(text.contains(word), "\(text)") }
  }

  @Test(arguments: [
    ("vocab_size", "65", "[65, 24]", "[64, 24]"), ("d_model", "25", "25", "24"),
    ("d_kv", "6", "18", "15"), ("num_heads", "5", "[32, 5]", "[32, 3]"), ("d_ff", "27", "27", "26"),
    ("relative_attention_num_buckets", "31", "[31, 3]", "[32, 3]"),
  ])
  func `a size that differs from the weights is refused with both sizes`(
    key: String, value: String, expected: String, got: String
  ) {
    let text = failure([key: value])
    #expect(text.hasPrefix(file.folder.path("model.safetensors")), "\(text)")
    #expect(text.contains(expected) && text.contains(got), "\(text)")
  }

  @Test func `a block that is missing in the weights is named`() {
    #expect(
      failure(["num_decoder_layers": "3"])
        .contains("missing tensor decoder.block.2.layer.0."))
    #expect(failure(["num_layers": "2"]).contains("missing tensor encoder.block.1.layer.0."))
    #expect(
      failure(["feed_forward_proj": "\"gated-gelu\""])
        .contains("missing tensor decoder.block.0.layer.2.DenseReluDense.wi_"))
  }

  @Test(
    arguments: [
      (nil, nil, true), ("true", nil, true), ("false", nil, false), ("false", "true", true),
      ("true", "false", false), (nil, "false", false),
    ] as [(String?, String?, Bool)])
  func `the output is scaled unless the configuration is of version 1·1`(
    tied: String?, scales: String?, expected: Bool
  ) throws {
    let changes: [String: String?] = [
      "tie_word_embeddings": tied, "scale_decoder_outputs": scales,
    ]
    #expect(try load(changes).configuration.scalesOutput == expected)
    let multilingual = try load(
      changes.merging(
        ["model_type": "\"mt5\"", "feed_forward_proj": "\"relu\""], uniquingKeysWith: { $1 }))
    #expect(multilingual.configuration.scalesOutput == (scales == "true"))
  }

  @Test func `version 1·1 from releases before and after 5 of transformers is one model`() throws {
    let fixture = try EncoderDecoderFixture("T5/v1.1")
    let folder = try TemporaryDirectory()
    try EncoderDecoderFixture.copy("T5/v1.1", to: folder)
    try folder.edit("config.json", replacing: "\"scale_decoder_outputs\": false,", with: "")
    try folder.edit(
      "config.json", replacing: "\"tie_word_embeddings\": true",
      with: "\"tie_word_embeddings\": false")
    let model = try T5(ModelDirectory(path: folder.path))
    var state = try model.begin(fixture.prompts).state
    let logits = try model.logits(of: fixture.texts, state: &state, rows: .all)
    try fixture.expectPyTorchs(logits, fixture.logits.scalars, "tie_word_embeddings: false")
  }

  @Test func `the name gated-gelu means the approximation by tanh`() throws {
    let folder = try TemporaryDirectory()
    try EncoderDecoderFixture.copy("T5/v1.1", to: folder)
    let path = folder.path("config.json")
    var text = try String(contentsOfFile: path, encoding: .utf8)
    text.replace(/"(dense_act_fn|is_gated_act|feed_forward_proj)": [^,\n]*,/, with: "")
    text.replace("{", with: "{\"feed_forward_proj\": \"gated-gelu\",", maxReplacements: 1)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let configuration = try T5(ModelDirectory(path: folder.path)).configuration
    #expect(configuration.activation == .geluTanh && configuration.isGated)
  }

  @Test func `language models are known by their type`() throws {
    try file.write()
    #expect(try LanguageModels.load(file.directory) is T5)
    try file.write(["model_type": "\"mt5\"", "feed_forward_proj": "\"relu\""])
    #expect(try LanguageModels.load(file.directory) is T5)
    #expect(try LanguageModels.load(ModelDirectory(path: Fixtures.path("BART/plain"))) is BART)
  }

  @Test func `custom code that a configuration names is ignored`() throws {
    try file.folder.write("raise SystemExit".utf8, to: "modeling.py")
    _ = try load(["auto_map": #"{"AutoModel": "modeling.Evil"}"#, "trust_remote_code": "true"])
  }
}
