import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Errors for invalid or unsupported values in a decoder's `config.json`.
@Suite struct DecoderConfigurationTests {
  /// The error for other values of keys, as JSON; nil removes a key.
  private func failure(_ name: String, _ changes: [String: String?]) throws -> String {
    let folder = try DecoderFixture.folder(name)
    try folder.editConfiguration(changes)
    return failureText { try LanguageModels.load(ModelDirectory(path: folder.path)) }
  }

  private func configuration(_ name: String, _ changes: [String: String?]) throws
    -> Llama.Configuration
  {
    let folder = try DecoderFixture.folder(name)
    try folder.editConfiguration(changes)
    return try Llama.Configuration(ModelDirectory(path: folder.path).configuration())
  }

  private static let llamaSizes = [
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "max_position_embeddings",
  ]
  static let sizes = [
    ("gpt2", ["vocab_size", "n_embd", "n_layer", "n_head", "n_positions"]),
    ("llama", llamaSizes), ("mistral", llamaSizes), ("qwen2", llamaSizes), ("qwen3", llamaSizes),
    ("gemma2", llamaSizes), ("phi3", llamaSizes), ("qwen3moe", llamaSizes),
    ("gptneox", llamaSizes),
  ]

  @Test(arguments: sizes)
  func `an invalid size is named`(name: String, keys: [String]) throws {
    for key in keys {
      for value in ["\"24\"", "24.5", "[24]", "{}", "true", "null", "NaN", "-Infinity"] {
        let text = try failure(name, [key: value])
        #expect(text.contains("\(key): expected integer"), "\(text)")
      }
      for value in ["0", "-1", "1e18", "1000000000000000000"] {
        let text = try failure(name, [key: value])
        #expect(text.contains("\(key): expected integer in the range 1..."), "\(text)")
      }
      let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
      #expect(try failure(name, [key: deep]).contains("nesting"))
    }
  }

  @Test func `another architecture is refused with the supported ones`() throws {
    let text = try failure("gpt2", ["model_type": "\"falcon\""])
    #expect(
      text.contains(
        "config.json: unsupported architecture falcon for text generation (supported: "), "\(text)")
    for name in [
      "gpt2", "llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma", "gemma3_text", "gpt_neox",
      "granite", "mixtral", "olmo2", "phi3", "qwen2_moe", "qwen3_moe", "smollm3",
    ] {
      #expect(LanguageModels.architectures.contains(name))
      #expect(text.contains(name), "\(text)")
    }
    #expect(try failure("gpt2", ["model_type": nil]).contains("missing key model_type"))
    #expect(try failure("gpt2", ["model_type": "7"]).contains("model_type: expected string"))

    let folder = try DecoderFixture.folder("gpt2")
    let directory = try ModelDirectory(path: folder.path)
    #expect(
      failureText { try Llama(directory) }.contains(
        "unsupported architecture gpt2 (supported: gemma2, llama, mistral, qwen2, qwen3)"))
    try folder.editConfiguration(["model_type": "\"llama\""])
    #expect(
      failureText { try GPT2(directory) }.contains(
        "unsupported architecture llama (supported: gpt2)"))
  }

  @Test(arguments: [
    ("gpt2", "activation_function", "\"sigmoid\"", "unsupported activation_function sigmoid"),
    ("gpt2", "layer_norm_epsilon", "0", "layer_norm_epsilon: expected number in the range"),
    ("gpt2", "n_inner", "0", "n_inner: expected integer in the range"),
    ("gpt2", "scale_attn_weights", "1", "scale_attn_weights: expected boolean"),
    ("gpt2", "n_head", "5", "n_embd 24 is not divisible by n_head 5"),
    (
      "llama", "num_attention_heads", "5",
      "hidden_size 24 is not divisible by num_attention_heads 5"
    ),
    (
      "llama", "num_key_value_heads", "2",
      "num_attention_heads 3 is not divisible by num_key_value_heads 2"
    ),
    (
      "llama", "num_key_value_heads", "0", "num_key_value_heads: expected integer in the range 1..."
    ),
    ("llama", "head_dim", "3", "the head dimension 3 is not even"),
    ("llama", "head_dim", "0", "head_dim: expected integer in the range 1..."),
    ("llama", "hidden_act", "\"relu6\"", "unsupported hidden_act relu6"),
    ("llama", "rms_norm_eps", "-1e-5", "rms_norm_eps: expected number in the range"),
    ("llama", "rms_norm_eps", "0", "rms_norm_eps: expected number in the range"),
    ("llama", "attention_bias", "\"yes\"", "attention_bias: expected boolean"),
    ("phi3", "partial_rotary_factor", "0.7", "5 of 8 features of a head are rotated, not an even"),
    ("phi3", "partial_rotary_factor", "1.5", "partial_rotary_factor: expected number in the range"),
    ("phi3", "rope_scaling", "{\"type\": \"linear\"}", "missing key rope_scaling.factor"),
    (
      "gptneox", "num_attention_heads", "3",
      "hidden_size 16 is not divisible by num_attention_heads"
    ),
    ("gptneox", "rotary_pct", "-1", "rotary_pct: expected number in the range"),
    ("smollm3", "no_rope_layers", "[1, 0]", "no_rope_layers: expected 4, one per layer"),
    ("smollm3", "no_rope_layers", "[1, 0, \"1\", 1]", "no_rope_layers: expected integers"),
    ("gemma3", "use_bidirectional_attention", "true", "unsupported use_bidirectional_attention"),
    ("gemma3", "sliding_window_pattern", "0", "sliding_window_pattern: expected integer"),
    ("granite", "logits_scaling", "0", "logits_scaling: expected number in the range"),
    ("granite", "residual_multiplier", "\"x\"", "residual_multiplier: expected number"),
    ("mixtral", "num_experts_per_tok", "5", "num_experts_per_tok 5 is more than the number of"),
    ("mixtral", "num_local_experts", "0", "num_local_experts: expected integer in the range 1..."),
    ("qwen2moe", "mlp_only_layers", "[0.5]", "mlp_only_layers: expected integers"),
    ("qwen2moe", "decoder_sparse_step", "0", "decoder_sparse_step: expected integer in the range"),
    ("qwen3moe", "num_experts", "-1", "num_experts: expected integer in the range 0..."),
    ("qwen2", "layer_types", "[\"full_attention\"]", "layer_types: expected 2, one per layer"),
    (
      "llama", "quantization_config", "{\"quant_method\": \"gptq\", \"bits\": 4}",
      "unsupported quantization_config gptq"
    ),
    ("llama", "rope_theta", "0", "rope_theta: expected number in the range"),
    ("llama", "rope_theta", "1", "rope_theta: expected number in the range"),
    ("llama", "rope_scaling", "[2]", "rope_scaling: expected object"),
    ("mistral", "sliding_window", "0", "sliding_window: expected integer in the range 1..."),
    ("mistral", "sliding_window", "-1", "sliding_window: expected integer in the range 1..."),
    (
      "mistral", "quantization", "{\"bits\": 4, \"group_size\": 64}",
      "unsupported quantization to 4 bits in groups of 64, as MLX writes it"
    ),
    (
      "qwen2", "quantization_config", "{\"bits\": 4}",
      "unsupported quantization_config of unknown kind"
    ),
    ("qwen2", "quantization_config", "7", "unsupported quantization_config of unknown kind"),
    ("llama", "rms_norm_eps", "NaN", "rms_norm_eps: expected number in the range"),
    ("llama", "rope_theta", "Infinity", "rope_theta: expected number in the range"),
    ("qwen2", "max_window_layers", "-1", "max_window_layers: expected integer in the range 0..."),
    (
      "qwen2", "layer_types", "[\"full_attention\", \"chunked_attention\"]",
      "unsupported layer type chunked_attention (supported: full_attention, sliding_attention)"
    ),
    ("qwen3", "layer_types", "[\"full_attention\", 7]", "layer_types: expected strings, got 7"),
    ("gemma2", "use_bidirectional_attention", "true", "unsupported use_bidirectional_attention"),
    ("gemma2", "hidden_activation", "\"mish\"", "unsupported hidden_activation mish"),
    ("gemma2", "query_pre_attn_scalar", "0", "query_pre_attn_scalar: expected number in the range"),
    ("gemma2", "attn_logit_softcapping", "0", "attn_logit_softcapping: expected number"),
    ("gemma2", "final_logit_softcapping", "-30", "final_logit_softcapping: expected number"),
    ("gemma2", "sliding_window", "null", "layer_types has sliding_attention, but"),
  ])
  func `an invalid variant or number is named`(
    name: String, key: String, value: String, words: String
  ) throws {
    let text = try failure(name, [key: value])
    #expect(text.contains("config.json: \(words)"), "\(text)")
  }

  @Test(arguments: [
    ("{\"type\": \"longrope\", \"factor\": 2}", "missing key rope_scaling.short_factor"),
    (
      "{\"type\": \"longrope\", \"short_factor\": [1, 2], \"long_factor\": [1, 2, 3, 4]}",
      "rotary embedding: shortFactors: expected 4, one per rotated pair, got 2"
    ),
    (
      "{\"type\": \"longrope\", \"short_factor\": [1, 2, 3, 0], \"long_factor\": [1, 2, 3, 4]}",
      "rotary embedding: shortFactors: expected positive numbers, got 0.0"
    ),
    (
      "{\"type\": \"longrope\", \"short_factor\": [1, \"x\"], \"long_factor\": [1]}",
      "rope_scaling.short_factor: expected numbers"
    ),
    ("{\"rope_type\": \"mrope\"}", "unsupported rope_type mrope (supported: default, dynamic"),
    ("{\"type\": \"linear\"}", "missing key rope_scaling.factor"),
    ("{\"type\": \"linear\", \"factor\": 0}", "rope_scaling.factor: expected number"),
    ("{\"type\": \"linear\", \"factor\": \"2\"}", "rope_scaling.factor: expected number"),
    ("{\"type\": \"dynamic\", \"factor\": -2}", "rope_scaling.factor: expected number"),
    ("{\"type\": 7}", "rope_scaling.type: expected string"),
    ("{\"rope_type\": \"llama3\", \"factor\": 8}", "missing key rope_scaling.low_freq_factor"),
    (
      "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": 1}",
      "rotary embedding: highFrequencyFactor: 1.0 is not more than lowFrequencyFactor"
    ),
    (
      "{\"type\": \"yarn\", \"factor\": 2, \"beta_fast\": 1, \"beta_slow\": 4}",
      "rotary embedding: betaFast"
    ),
    (
      "{\"type\": \"yarn\", \"factor\": 2, \"original_max_position_embeddings\": 0}",
      "rope_scaling.original_max_position_embeddings: expected integer in the range 1..."
    ),
    (
      "{\"type\": \"linear\", \"factor\": 2, \"partial_rotary_factor\": 0.25}",
      "unsupported partial_rotary_factor 0.25"
    ),
    (
      "{\"full_attention\": {\"rope_type\": \"default\"}}",
      "unsupported rope_parameters that differ between layer types"
    ),
  ])
  func `an unsupported or invalid rotary scaling is named`(
    scaling: String, words: String
  ) throws {
    let text = try failure("llama", ["rope_scaling": scaling])
    #expect(text.contains("config.json: \(words)"), "\(text)")
  }

  @Test(arguments: [
    ("gpt2", "vocab_size", "84", "[84, 24]", "[83, 24]"),
    ("gpt2", "n_positions", "25", "[25, 24]", "[24, 24]"),
    ("gpt2", "n_inner", "95", "[24, 95]", "[24, 96]"),
    ("llama", "vocab_size", "82", "[82, 24]", "[83, 24]"),
    ("llama3", "intermediate_size", "41", "[41, 32]", "[40, 32]"),
    ("llama3", "num_key_value_heads", "1", "[8, 32]", "[16, 32]"),
    ("qwen3", "head_dim", "12", "[48, 24]", "[40, 24]"),
    ("gemma2", "hidden_size", "24", "[83, 24]", "[83, 20]"),
    ("phi3", "intermediate_size", "25", "[50, 24]", "[48, 24]"),
    ("gptneox", "intermediate_size", "41", "[41, 16]", "[40, 16]"),
    ("mixtral", "intermediate_size", "11", "[11, 16]", "[10, 16]"),
    ("qwen3moe", "moe_intermediate_size", "7", "[6, 14, 16]", "[6, 12, 16]"),
    ("qwen2moe", "shared_expert_intermediate_size", "11", "[11, 16]", "[10, 16]"),
  ])
  func `a size that differs from the weights is refused with both sizes`(
    name: String, key: String, value: String, expected: String, got: String
  ) throws {
    let text = try failure(name, [key: value])
    #expect(text.contains(".safetensors") && text.contains(expected), "\(text)")
    #expect(text.contains(got), "\(text)")
  }

  @Test(arguments: [
    ("gpt2", "n_layer", "3", "missing tensor h.2."),
    ("llama3", "num_hidden_layers", "3", "missing tensor model.layers.2."),
    ("llama", "attention_bias", "true", "missing tensor model.layers.0.self_attn.q_proj.bias"),
    ("llama", "mlp_bias", "true", "missing tensor model.layers.0.mlp."),
    ("qwen2", "model_type", "\"qwen3\"", "missing tensor model.layers.0.self_attn.q_norm"),
    ("mistral", "model_type", "\"qwen2\"", "missing tensor model.layers.0.self_attn.q_proj.bias"),
    ("qwen2", "tie_word_embeddings", "false", "missing tensor lm_head.weight"),
    ("gpt2", "tie_word_embeddings", "false", "missing tensor lm_head.weight"),
    (
      "mixtral", "num_local_experts", "5",
      "missing tensor model.layers.0.block_sparse_moe.experts.4."
    ),
    ("qwen2moe", "mlp_only_layers", "[]", "missing tensor model.layers.0.mlp.experts.0."),
    ("granite", "model_type", "\"olmo2\"", "missing tensor model.layers.0.post_feedforward_"),
  ])
  func `a tensor that is missing in the weights is named`(
    name: String, key: String, value: String, words: String
  ) throws {
    // The head dimension of Qwen 3 has a default.
    let text = try failure(name, [key: value, "head_dim": name == "qwen2" ? "8" : nil])
    #expect(text.contains(words), "\(text)")
  }

  @Test(arguments: [
    ("gpt2", "add_cross_attention", "true"), ("gpt2", "resid_pdrop", "Infinity"),
    ("gpt2", "n_ctx", "NaN"), ("llama", "layer_types", "[\"sliding_attention\"]"),
    ("llama", "sliding_window", "0"), ("llama", "use_mrope", "true"),
    ("llama", "use_bidirectional_attention", "true"), ("mistral", "attention_bias", "true"),
    ("mistral", "layer_types", "7"), ("mistral", "mlp_bias", "true"),
    ("qwen2", "use_mrope", "true"), ("qwen2", "mlp_bias", "\"x\""),
    ("qwen2", "attention_bias", "true"), ("gemma2", "use_mrope", "true"),
    ("gemma2", "mlp_bias", "true"), ("qwen3", "unknown", "[-Infinity, {\"a\": NaN}]"),
    ("llama", "partial_rotary_factor", "0.5"), ("gemma3", "attn_logit_softcapping", "3"),
    ("gptneox", "rope_theta", "7"), ("gptneox", "head_dim", "6"), ("olmo2", "sliding_window", "2"),
    ("granite", "layer_types", "7"), ("mixtral", "norm_topk_prob", "false"),
    ("mixtral", "layer_types", "[]"), ("phi3", "layer_types", "7"),
    ("llama", "quantization", "{}"), ("llama", "quantization_config", "null"),
  ])
  func `a key that the reference's class does not read changes nothing`(
    name: String, key: String, value: String
  ) throws {
    let (fixture, folder) = (try DecoderFixture(name), try DecoderFixture.folder(name))
    try folder.editConfiguration([key: value])
    let model = try LanguageModels.load(ModelDirectory(path: folder.path))
    var (state, tokens) = try model.begin(PackedTokens(fixture.sequences))
    let logits = try model.logits(of: tokens, state: &state, rows: .all)
    #expect(logits.scalars == (try fixture.fullPass().scalars))
  }

  @Test func `missing keys have the defaults of Hugging Face's classes`() throws {
    var found = try configuration("mistral", ["sliding_window": nil])
    #expect(found.windows == [4096, 4096, 4096])
    found = try configuration("mistral", ["sliding_window": "null", "num_key_value_heads": "null"])
    #expect(found.windows == [nil, nil, nil] && found.keyValueHeadCount == 6)
    found = try configuration("llama", ["num_key_value_heads": nil, "hidden_act": nil])
    #expect(found.keyValueHeadCount == 3 && found.activation == .silu)
    found = try configuration("llama", ["tie_word_embeddings": nil, "rms_norm_eps": nil])
    #expect(!found.isTied && found.epsilon == 1e-6)
    found = try configuration("qwen3", ["head_dim": nil, "num_attention_heads": "8"])
    #expect(found.headDimension == 128)
    found = try configuration("qwen3", ["head_dim": "null", "layer_types": nil])
    #expect(found.headDimension == 6 && found.windows == [nil, nil])
    found = try configuration("qwen3", ["layer_types": nil, "max_window_layers": "0"])
    #expect(found.windows == [7, 7])
    found = try configuration("gemma2", ["attn_logit_softcapping": nil, "head_dim": nil])
    #expect(found.scoreSoftcap == 50 && found.headDimension == 256 && found.windows == [5, nil, 5])
    found = try configuration(
      "gemma2",
      [
        "final_logit_softcapping": nil, "query_pre_attn_scalar": nil, "tie_word_embeddings": nil,
        "sliding_window": nil, "hidden_activation": nil,
      ])
    #expect(found.logitSoftcap == 30 && found.scoreScale == 1 / 16 && found.isTied)
    #expect(found.windows == [4096, nil, 4096] && found.activation == .geluTanh)
  }

  @Test func `both formats of the rotary embedding give the same`() throws {
    let llama3 = """
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, \
      "original_max_position_embeddings": 16, "rope_type": "llama3"
      """
    let old = try configuration("llama3", [:])
    let new = try configuration(
      "llama3",
      [
        "rope_scaling": nil, "rope_theta": nil,
        "rope_parameters": "{\(llama3), \"rope_theta\": 5000}",
      ])
    #expect(old.rotary == new.rotary && old.rotary.base == 5000)
    #expect(
      old.rotary.scaling
        == .llama3(
          Llama3Scaling(
            factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalLength: 16)))

    // The inner base and the outer original length have precedence; empty objects are ignored.
    let mixed = try configuration(
      "llama3",
      [
        "rope_scaling": "{}", "original_max_position_embeddings": "16",
        "rope_parameters": """
        {"rope_theta": 5000, "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, \
        "rope_type": "llama3"}
        """, "rope_theta": "70",
      ])
    #expect(mixed.rotary == old.rotary)
    #expect(try configuration("llama", ["rope_theta": nil]).rotary.base == 10_000)
    let yarn = try configuration(
      "llama", ["rope_scaling": "{\"type\": \"yarn\", \"factor\": 4, \"beta_fast\": 0}"])
    #expect(yarn.rotary.scaling == .yarn(YaRNScaling(factor: 4, originalLength: 64)))
  }

  @Test func `custom code that a configuration names is ignored`() throws {
    let folder = try DecoderFixture.folder("llama")
    try folder.editConfiguration([
      "auto_map": #"{"AutoModelForCausalLM": "modeling.Evil", "AutoConfig": "../../evil"}"#,
      "trust_remote_code": "true",
    ])
    try folder.write("raise SystemExit".utf8, to: "modeling.py")
    _ = try LanguageModels.load(ModelDirectory(path: folder.path))
  }
}

extension TemporaryDirectory {
  /// Changes keys of `config.json` to these values, as JSON; nil removes a key.
  func editConfiguration(_ changes: [String: String?]) throws {
    let text = try String(contentsOfFile: path("config.json"), encoding: .utf8)
    let value = try JSON.parse(Array(text.utf8))
    var members = try #require(value.object).members.compactMap { member in
      changes.keys.contains(member.key) ? nil : "\"\(member.key)\": \(member.value.text)"
    }
    for case (let key, let value?) in changes { members.append("\"\(key)\": \(value)") }
    try write("{\(members.joined(separator: ", "))}".utf8, to: "config.json")
  }
}

extension JSON {
  /// The value, written again.
  fileprivate var text: String {
    switch self {
    case .null: "null"
    case .boolean(let boolean): "\(boolean)"
    case .number(let number): number.text
    case .string(let string): "\"\(string)\""
    case .array(let array): "[\(array.map(\.text).joined(separator: ", "))]"
    case .object(let object):
      "{\(object.members.map { "\"\($0.key)\": \($0.value.text)" }.joined(separator: ", "))}"
    }
  }
}
