import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// A `config.json` with only a type, compared with the defaults of transformers' configuration classes:
/// `Scripts/fixtures/configuration_defaults.py`.
@Suite struct ConfigurationDefaultTests {
  private func empty(_ type: String) throws -> ConfigurationReader {
    let text = "{\"model_type\": \"\(type)\"}"
    return ConfigurationReader(
      path: "config.json", object: try #require(JSON.parse(Array(text.utf8)).object))
  }

  private func defaults(_ type: String) throws -> ConfigurationReader {
    try ConfigurationReader(contentsOfFile: Fixtures.path("Configurations/defaults.json"))
      .nested(type)
  }

  private func size(_ key: String, _ defaults: ConfigurationReader) throws -> Int {
    try defaults.integer(key, in: 1...1_000_000)
  }

  @Test func `missing keys of BERT have the defaults of its class`() throws {
    let (found, wanted) = (try BERT.Configuration(empty("bert")), try defaults("bert"))
    #expect(found.vocabularySize == (try size("vocab_size", wanted)))
    #expect(found.hiddenSize == (try size("hidden_size", wanted)))
    #expect(found.layerCount == (try size("num_hidden_layers", wanted)))
    #expect(found.headCount == (try size("num_attention_heads", wanted)))
    #expect(found.intermediateSize == (try size("intermediate_size", wanted)))
    #expect(found.contextLength == (try size("max_position_embeddings", wanted)))
    #expect(found.segmentCount == (try size("type_vocab_size", wanted)))
    #expect(Double(found.epsilon) == Double(Float(try wanted.number("layer_norm_eps", in: 0...1))))
    #expect(found.activation == Activation(huggingFaceName: try wanted.string("hidden_act")))
  }

  @Test func `missing keys of GPT-2 have the defaults of its class`() throws {
    let (found, wanted) = (try GPT2.Configuration(empty("gpt2")), try defaults("gpt2"))
    #expect(found.vocabularySize == (try size("vocab_size", wanted)))
    #expect(found.hiddenSize == (try size("n_embd", wanted)))
    #expect(found.layerCount == (try size("n_layer", wanted)))
    #expect(found.headCount == (try size("n_head", wanted)))
    #expect(found.intermediateSize == 4 * found.hiddenSize && wanted.value("n_inner") == nil)
    #expect(found.contextLength == (try size("n_positions", wanted)))
    #expect(found.epsilon == Float(try wanted.number("layer_norm_epsilon", in: 0...1)))
    #expect(
      found.activation == Activation(huggingFaceName: try wanted.string("activation_function")))
    #expect(found.scalesScores == (try wanted.boolean("scale_attn_weights")))
    #expect(
      found.scalesScoresByLayer == (try wanted.boolean("scale_attn_by_inverse_layer_idx")))
    #expect(found.isTied == (try wanted.boolean("tie_word_embeddings")))
  }

  @Test(arguments: Llama.Family.allCases)
  func `missing keys of Llama have the defaults of the family's class`(family: Llama.Family) throws
  {
    let found = try Llama.Configuration(empty(family.rawValue))
    let wanted = try defaults(family.rawValue)
    #expect(found.family == family)
    #expect(found.vocabularySize == (try size("vocab_size", wanted)))
    #expect(found.hiddenSize == (try size("hidden_size", wanted)))
    #expect(found.layerCount == (try size("num_hidden_layers", wanted)))
    #expect(found.headCount == (try size("num_attention_heads", wanted)))
    #expect(found.keyValueHeadCount == (try size("num_key_value_heads", wanted)))
    let heads = found.hiddenSize / found.headCount
    #expect(
      found.headDimension == (try wanted.optionalInteger("head_dim", in: 1...999) ?? heads))
    #expect(found.intermediateSize == (try size("intermediate_size", wanted)))
    #expect(found.contextLength == (try size("max_position_embeddings", wanted)))
    #expect(found.epsilon == Float(try wanted.number("rms_norm_eps", in: 0...1)))
    let name = try wanted.string(family == .gemma2 ? "hidden_activation" : "hidden_act")
    #expect(found.activation == Activation(huggingFaceName: name))
    let rope = try wanted.nested("rope_parameters")
    #expect(found.rotary.base == (try rope.number("rope_theta", in: 1...1e9)))
    #expect(found.rotary.scaling == .none)
    let window = try wanted.optionalInteger("sliding_window", in: 1...1_000_000)
    #expect(found.windows.first == window)
    #expect(found.hasOutputBias == (try wanted.optionalBoolean("attention_bias") ?? false))
    #expect(found.hasFeedForwardBias == (try wanted.optionalBoolean("mlp_bias") ?? false))
    #expect(found.isTied == (try wanted.boolean("tie_word_embeddings")))
    let cap = try wanted.optionalNumber("final_logit_softcapping", in: 0...99)
    #expect(found.logitSoftcap == cap.map { Float($0) })
  }

  @Test(arguments: DecoderModels.relatives.flatMap(\.types))
  func `missing keys of a decoder have the defaults of the family's class`(type: String) throws {
    let family = try #require(DecoderModels.relatives.first { $0.types.contains(type) })
    let (found, wanted) = (try family.description(empty(type)), try defaults(type))
    #expect(found.vocabularySize == (try size("vocab_size", wanted)))
    #expect(found.hiddenSize == (try size("hidden_size", wanted)))
    #expect(found.layers.count == (try size("num_hidden_layers", wanted)))
    #expect(found.headCount == (try size("num_attention_heads", wanted)))
    let keyValueHeads = try wanted.optionalInteger("num_key_value_heads", in: 1...999)
    #expect(found.keyValueHeadCount == keyValueHeads ?? found.headCount)
    let headDimension = found.hiddenSize / found.headCount
    #expect(
      found.headDimension == (try wanted.optionalInteger("head_dim", in: 1...999) ?? headDimension))
    #expect(found.intermediateSize == (try size("intermediate_size", wanted)))
    #expect(found.contextLength == (try size("max_position_embeddings", wanted)))
    let epsilon = type == "gpt_neox" ? "layer_norm_eps" : "rms_norm_eps"
    #expect(found.epsilon == Float(try wanted.number(epsilon, in: 0...1)))
    let activation = type == "gemma3_text" ? "hidden_activation" : "hidden_act"
    #expect(found.activation == Activation(huggingFaceName: try wanted.string(activation)))
    #expect(found.isTied == (try wanted.boolean("tie_word_embeddings")))
    #expect(found.hasOutputBias == (try wanted.optionalBoolean("attention_bias") ?? false))
    #expect(
      found.hasProjectionBias == (try wanted.optionalBoolean("qkv_bias") ?? found.hasOutputBias))
    #expect(
      found.hasFeedForwardBias
        == (try wanted.optionalBoolean("mlp_bias") ?? (type == "gpt_neox")))

    var rope = try wanted.nested("rope_parameters")
    if type == "gemma3_text" {
      #expect(found.layers[0].rotary?.base == 10_000 && found.layers[0].window == 4096)
      #expect(found.layers[5].window == nil)
      rope = try rope.nested("full_attention")
    } else {
      #expect(found.layers[5].window == nil)
    }
    let rotary = try #require(found.layers[type == "gemma3_text" ? 5 : 0].rotary)
    #expect(rotary.base == (try rope.number("rope_theta", in: 1...1e9)))
    let share = try rope.optionalNumber("partial_rotary_factor", in: 0...1) ?? 1
    #expect(Double(rotary.rotaryDimension) == share * Double(found.headDimension))
    #expect(rotary.scaling == .none)
    #expect(
      found.layers.map { $0.rotary == nil }.filter { $0 }.count == (type == "smollm3" ? 9 : 0))

    let factors = ["embedding_multiplier", "residual_multiplier", "logits_scaling"]
    if type == "granite" {
      for key in factors { #expect(try wanted.number(key, in: 0...9) == 1) }
      #expect(found.embeddingScale == 1 && found.residualScale == 1 && found.logitScale == 1)
      #expect(try found.scoreScale == Float(wanted.number("attention_multiplier", in: 0...9)))
    }
    #expect(found.isParallel == (try wanted.optionalBoolean("use_parallel_residual") ?? false))
    try expectExperts(found, wanted)
  }

  private func expectExperts(_ found: DecoderDescription, _ wanted: ConfigurationReader) throws {
    guard found.type == "mixtral" || found.type.hasSuffix("_moe") else {
      #expect(found.experts == nil)
      return
    }
    let experts = try #require(found.experts)
    #expect(!found.layers.contains { !$0.hasExperts })
    let counts = ["num_experts", "num_local_experts"]
    #expect(try counts.contains { try wanted.optionalInteger($0, in: 1...999) == experts.count })
    #expect(experts.activeCount == (try size("num_experts_per_tok", wanted)))
    let key = found.type == "mixtral" ? "intermediate_size" : "moe_intermediate_size"
    #expect(experts.intermediateSize == (try size(key, wanted)))
    #expect(
      experts.normalizesWeights == (try wanted.optionalBoolean("norm_topk_prob") ?? true))
    #expect(
      experts.sharedIntermediateSize
        == (try wanted.optionalInteger("shared_expert_intermediate_size", in: 1...99_999)))
  }

  @Test(arguments: ["t5", "mt5", "umt5"]) func `missing keys of T5 have the defaults of its class`(
    type: String
  )
    throws
  {
    let (found, wanted) = (try T5.Configuration(empty(type)), try defaults(type))
    #expect(found.vocabularySize == (try size("vocab_size", wanted)))
    #expect(found.hiddenSize == (try size("d_model", wanted)))
    #expect(found.headDimension == (try size("d_kv", wanted)))
    #expect(found.headCount == (try size("num_heads", wanted)))
    #expect(found.intermediateSize == (try size("d_ff", wanted)))
    #expect(found.encoderLayerCount == (try size("num_layers", wanted)))
    #expect(found.decoderLayerCount == (try size("num_decoder_layers", wanted)))
    #expect(found.bucketCount == (try size("relative_attention_num_buckets", wanted)))
    #expect(found.maximumDistance == (try size("relative_attention_max_distance", wanted)))
    #expect(found.epsilon == Float(try wanted.number("layer_norm_epsilon", in: 0...1)))
    #expect(found.activation == Activation(huggingFaceName: try wanted.string("dense_act_fn")))
    #expect(found.isGated == (try wanted.boolean("is_gated_act")))
  }

  @Test(arguments: BART.Family.allCases)
  func `missing keys of BART have the defaults of the family's class`(family: BART.Family) throws {
    let found = try BART.Configuration(empty(family.rawValue))
    let wanted = try defaults(family.rawValue)
    #expect(found.family == family)
    #expect(found.vocabularySize == (try size("vocab_size", wanted)))
    #expect(found.hiddenSize == (try size("d_model", wanted)))
    #expect(found.encoder.layerCount == (try size("encoder_layers", wanted)))
    #expect(found.encoder.headCount == (try size("encoder_attention_heads", wanted)))
    #expect(found.encoder.intermediateSize == (try size("encoder_ffn_dim", wanted)))
    #expect(found.decoder.layerCount == (try size("decoder_layers", wanted)))
    #expect(found.decoder.headCount == (try size("decoder_attention_heads", wanted)))
    #expect(found.decoder.intermediateSize == (try size("decoder_ffn_dim", wanted)))
    #expect(found.contextLength == (try size("max_position_embeddings", wanted)))
    #expect(
      found.activation == Activation(huggingFaceName: try wanted.string("activation_function")))
    #expect(found.scalesEmbedding == (try wanted.boolean("scale_embedding")))
    let startKey = family == .mbart ? "bos_token_id" : "decoder_start_token_id"
    #expect(found.startToken == (try wanted.integer(startKey, in: 0...1_000_000)))
    #expect(found.isTied == (try wanted.boolean("tie_word_embeddings")))
    let padding = try wanted.optionalInteger("pad_token_id", in: 0...1_000_000)
    #expect(found.paddingToken == (family == .m2m100 ? padding : nil))
  }
}
