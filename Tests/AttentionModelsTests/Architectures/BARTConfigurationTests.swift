import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Loading of BART: values in `config.json`, and errors for invalid values and weights.
@Suite struct BARTConfigurationTests {
  private let file: ConfigurationFile

  init() throws {
    file = try ConfigurationFile(Self.members) {
      try EncoderDecoderFixture.copy("BART/plain", to: $0)
    }
  }

  /// The keys of the architecture.
  private static let members = [
    "model_type": "\"bart\"", "vocab_size": "64", "d_model": "24", "encoder_layers": "2",
    "decoder_layers": "1", "encoder_attention_heads": "3", "decoder_attention_heads": "3",
    "encoder_ffn_dim": "36", "decoder_ffn_dim": "36", "max_position_embeddings": "40",
  ]

  private func load(_ changes: [String: String?]) throws -> BART {
    try file.write(changes)
    return try BART(file.directory)
  }

  private func failure(_ changes: [String: String?]) -> String {
    failureText { try load(changes) }
  }

  @Test func `keys with a default may be missing, and keys of early releases may be present`()
    throws
  {
    let configuration = try load([
      "normalize_before": "false", "add_final_layer_norm": "false", "add_bias_logits": "false",
      "normalize_embedding": "true", "static_position_embeddings": "false",
      "extra_pos_embeddings": "2", "num_hidden_layers": "12", "classif_dropout": "0.0",
      "student_decoder_layers": "null",
    ]).configuration
    #expect(try load([:]).configuration == configuration)
    #expect(configuration.activation == .gelu)
    #expect(!configuration.scalesEmbedding)
    #expect(configuration.isTied)
    #expect(configuration.startToken == 2)
    #expect(try load(["decoder_start_token_id": "5"]).configuration.startToken == 5)
  }

  @Test func `a missing type is named`() throws {
    for value in [nil, "null"] {
      let text = failure(["model_type": value])
      #expect(text == "\(file.folder.path("config.json")): missing key model_type")
    }
  }

  @Test(arguments: members.keys.sorted().filter { $0 != "model_type" })
  func `a size of another type or out of range is refused`(key: String) {
    file.expectRefused(size: key, range: "1...", failure: failure)
  }

  @Test(
    arguments: [
      (["activation_function": "\"mish\""], ["unsupported activation_function mish", "gelu_new"]),
      (["activation_function": "7"], ["activation_function: expected string"]),
      (["normalize_before": "true"], ["unsupported normalize_before: true"]),
      (["add_final_layer_norm": "true"], ["unsupported add_final_layer_norm: true"]),
      (["static_position_embeddings": "true"], ["unsupported static_position_embeddings: true"]),
      (["normalize_embedding": "false"], ["unsupported normalize_embedding: false"]),
      (
        ["extra_pos_embeddings": "0"], ["extra_pos_embeddings: expected integer in the range 2...2"]
      ),
      (["is_encoder_decoder": "false"], ["unsupported is_encoder_decoder: false"]),
      (["is_decoder": "true"], ["unsupported is_decoder: true"]),
      (["scale_embedding": "1"], ["scale_embedding: expected boolean"]),
      (["tie_word_embeddings": "\"yes\""], ["tie_word_embeddings: expected boolean"]),
      (["model_type": "\"led\""], ["unsupported architecture led", "bart"]),
      (
        ["encoder_attention_heads": "5"],
        ["d_model 24 is not divisible by encoder_attention_heads 5"]
      ),
      (
        ["decoder_attention_heads": "7"],
        ["d_model 24 is not divisible by decoder_attention_heads 7"]
      ),
      (["decoder_start_token_id": "64"], ["decoder_start_token_id: expected integer in the range"]),
    ] as [([String: String?], [String])])
  func `an invalid variant or one that is not implemented is named`(
    changes: [String: String?], words: [String]
  ) {
    let text = failure(changes)
    #expect(text.hasPrefix(file.folder.path("config.json")), "\(text)")
    for word in words { #expect(text.contains(word), "\(text)") }
  }

  @Test(arguments: [
    ("vocab_size", "65", "[65, 24]", "[64, 24]"), ("d_model", "27", "27", "24"),
    ("max_position_embeddings", "39", "[41, 24]", "[42, 24]"),
    ("max_position_embeddings", "1024", "[1026, 24]", "[42, 24]"),
    ("encoder_ffn_dim", "37", "37", "36"), ("decoder_ffn_dim", "38", "38", "36"),
  ])
  func `a size that differs from the weights is refused with both sizes`(
    key: String, value: String, expected: String, got: String
  ) {
    let text = failure([key: value])
    #expect(text.hasPrefix(file.folder.path("model.safetensors")), "\(text)")
    #expect(text.contains(expected) && text.contains(got), "\(text)")
  }

  @Test func `a block or an output layer that is missing in the weights is named`() {
    #expect(
      failure(["encoder_layers": "3"]).contains("missing tensor model.encoder.layers.2.self_attn"))
    #expect(
      failure(["decoder_layers": "2"]).contains("missing tensor model.decoder.layers.1.self_attn"))
    #expect(
      failure(["tie_word_embeddings": "false"]).contains("missing tensor lm_head.weight"))
  }
}
