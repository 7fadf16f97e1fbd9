import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Errors for invalid values in `config.json` and invalid weights.
@Suite struct BERTConfigurationTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/plain")
  }

  private func load() throws -> BERT { try BERT(ModelDirectory(path: folder.path)) }

  /// The error for another value of a key in `config.json`; nil removes the key.
  private func failure(_ key: String, _ value: String?) throws -> String {
    var members = Self.members
    members[key] = value
    try write(members)
    return failureText { try load() }
  }

  private func write(_ members: [String: String]) throws {
    let lines = members.map { "\"\($0.key)\": \($0.value)" }
    try folder.write("{\(lines.joined(separator: ", "))}".utf8, to: "config.json")
  }

  /// The keys of the architecture.
  private static let members = [
    "model_type": "\"bert\"", "vocab_size": "75", "hidden_size": "24", "num_hidden_layers": "2",
    "num_attention_heads": "3", "intermediate_size": "40", "max_position_embeddings": "24",
    "type_vocab_size": "2", "layer_norm_eps": "1e-12", "hidden_act": "\"gelu\"",
  ]
  static let sizes = [
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "max_position_embeddings",
  ]

  @Test func `the unchanged keys make a model`() throws {
    try write(Self.members)
    #expect(try load().configuration.hiddenSize == 24)
  }

  @Test func `a missing type is named`() throws {
    for value in [nil, "null"] {
      let text = try failure("model_type", value)
      #expect(text == "\(folder.path("config.json")): missing key model_type")
    }
  }

  @Test(arguments: ["type_vocab_size", "layer_norm_eps", "hidden_act"])
  func `a key with a default may be missing`(key: String) throws {
    var members = Self.members
    members[key] = nil
    try write(members)
    let configuration = try load().configuration
    #expect(configuration.segmentCount == 2)
    #expect(configuration.epsilon == 1e-12)
    #expect(configuration.activation == .gelu)
  }

  @Test(arguments: sizes + ["type_vocab_size"])
  func `a size of another type is refused`(key: String) throws {
    for value in ["\"24\"", "24.5", "[24]", "{}", "true"] {
      let text = try failure(key, value)
      #expect(text.contains("config.json: \(key): expected integer"), "\(text)")
    }
  }

  @Test(arguments: sizes + ["type_vocab_size"])
  func `a size out of range is refused`(key: String) throws {
    for value in ["0", "-1", "1e18", "1000000000000000000", "18446744073709551616"] {
      let text = try failure(key, value)
      #expect(text.contains("\(key): expected integer in the range 1..."), "\(text)")
      #expect(text.hasSuffix("got \(value)"), "\(text)")
    }
  }

  @Test(arguments: ["0", "-1e-12", "1e-60", "2", "1e999", "\"1e-12\""])
  func `an epsilon that is not positive and small is refused`(value: String) throws {
    let text = try failure("layer_norm_eps", value)
    #expect(text.contains("layer_norm_eps: expected number in the range"), "\(text)")
  }

  @Test func `a hidden size that is not divisible by the number of heads is refused`() throws {
    let text = try failure("num_attention_heads", "5")
    #expect(text.contains("hidden_size 24 is not divisible by num_attention_heads 5"), "\(text)")
  }

  @Test(arguments: ["roberta", "", "gpt2", "BERT"])
  func `an unknown architecture is refused with the supported ones`(type: String) throws {
    let text = try failure("model_type", "\"\(type)\"")
    #expect(text.contains("config.json: unsupported architecture \(type)"), "\(text)")
    #expect(text.hasSuffix("(supported: bert)"), "\(text)")
  }

  @Test(arguments: [
    ("hidden_act", "\"mish\"", ["unsupported hidden_act mish", "gelu_new", "relu"]),
    ("hidden_act", "7", ["hidden_act: expected string"]),
    ("position_embedding_type", "\"relative_key\"", ["relative_key", "absolute"]),
    ("quantization_config", "{\"quant_method\": \"gptq\"}", ["quantization_config gptq"]),
    ("quantization", "{\"group_size\": 32, \"bits\": 8}", ["8 bits in groups of 32", "MLX"]),
    ("layer_norm_eps", "NaN", ["layer_norm_eps: expected number", "NaN"]),
    ("is_decoder", "true", ["unsupported is_decoder: true"]),
    ("is_decoder", "\"no\"", ["is_decoder: expected boolean"]),
    ("add_cross_attention", "true", ["unsupported add_cross_attention: true"]),
  ])
  func `a variant that is not implemented is named`(
    key: String, value: String, words: [String]
  ) throws {
    let text = try failure(key, value)
    for word in words { #expect(text.contains(word), "\(text)") }
  }

  @Test(arguments: [
    ("NaN", "NaN"), ("-Infinity", "Infinity"),
    (String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000), "nesting"),
    (String(repeating: "{\"a\":", count: 1000), "nesting"),
    ("24, \"hidden_size\": 24", "duplicate"),
  ])
  func `a malformed file is refused with its path`(value: String, word: String) throws {
    let text = try failure("hidden_size", value)
    #expect(text.hasPrefix(folder.path("config.json")), "\(text.prefix(200))")
    #expect(text.contains(word), "\(text.prefix(200))")
  }

  @Test(arguments: ["", "[]", "7", "{", "{}{}", "\u{FEFF}{}"])
  func `a file that is not one object is refused with its path`(text: String) throws {
    try folder.write(text.utf8, to: "config.json")
    let reason = failureText { try load() }
    #expect(reason.hasPrefix(folder.path("config.json") + ": "), "\(reason)")
  }

  @Test func `custom code that a configuration names is ignored`() throws {
    var members = Self.members
    members["auto_map"] = #"{"AutoModel": "modeling.Evil", "AutoConfig": "../../evil"}"#
    members["trust_remote_code"] = "true"
    members["custom_pipelines"] = #"{"x": {"impl": "evil.py"}}"#
    try write(members)
    try folder.write("raise SystemExit".utf8, to: "modeling.py")
    #expect(try load()(PackedTokens(ids: [2, 3])).hiddenStates.shape == [2, 24])
  }

  @Test(arguments: [
    ("vocab_size", "76", "[76, 24]", "[75, 24]"),
    ("max_position_embeddings", "512", "[512, 24]", "[24, 24]"),
    ("type_vocab_size", "1", "[1, 24]", "[2, 24]"),
    ("intermediate_size", "41", "[41, 24]", "[40, 24]"), ("hidden_size", "27", "27", "24"),
  ])
  func `a size that differs from the weights is refused with both sizes`(
    key: String, value: String, expected: String, got: String
  ) throws {
    let text = try failure(key, value)
    #expect(text.hasPrefix(folder.path("model.safetensors")), "\(text)")
    #expect(text.contains(expected) && text.contains(got), "\(text)")
  }

  @Test func `a block that is missing in the weights is named`() throws {
    let text = try failure("num_hidden_layers", "3")
    #expect(text.contains("missing tensor encoder.layer.2.attention.self.query.weight"), "\(text)")
  }

  @Test func `a folder without config is not a model`() throws {
    let empty = try TemporaryDirectory()
    let text = failureText { try BERT(ModelDirectory(path: empty.path)) }
    #expect(text.contains("no such file: config.json"), "\(text)")
  }

  @Test func `a config that is a folder, a pipe or a link out of the model is refused`() throws {
    let secret = try TemporaryDirectory()
    try secret.write("{}".utf8, to: "secret.json")
    for (make, word) in [
      ({ try $0.makeDirectory("config.json") }, "regular file"),
      ({ try $0.pipe("config.json") }, "regular file"),
      (
        { try $0.link("config.json", to: secret.path("secret.json")) },
        "outside the model directory"
      ),
      ({ try $0.link("config.json", to: "nowhere") }, "No such file"),
    ] as [((TemporaryDirectory) throws -> String, String)] {
      let folder = try TemporaryDirectory()
      _ = try make(folder)
      let text = failureText { try BERT(ModelDirectory(path: folder.path)) }
      #expect(text.lowercased().contains(word.lowercased()), "\(text)")
    }
  }
}
