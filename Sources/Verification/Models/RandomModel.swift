import AttentionCore
import AttentionModels

/// Small models with random weights, written as a model folder and loaded from it.
enum RandomModel {
  /// The families, by the `model_type` of their configuration.
  enum Family: String, CaseIterable {
    case bert, gpt2, llama, t5
  }

  static let vocabularySize = 60
  static let contextLength = 256

  /// The sizes of a model.
  struct Sizes {
    let heads: Int
    let headDimension: Int
    let keyValueHeads: Int
    let intermediate: Int
    var hidden: Int { heads * headDimension }

    init(_ generator: inout CaseGenerator) {
      heads = generator.pick([2, 4])
      headDimension = generator.pick([8, 12, 16])
      keyValueHeads = heads / generator.pick([1, 2])
      intermediate = generator.size(20...120)
    }
  }

  /// Calls `body` with a folder that contains a model, and removes the folder.
  static func withFolder<Result>(
    _ family: Family, _ sizes: Sizes, _ generator: inout CaseGenerator,
    _ body: (ModelDirectory) throws -> Result
  ) throws -> Result {
    let folder = try TemporaryFolder(named: "attend-verify")
    try folder.write(Array(configuration(family, sizes).utf8), to: "config.json")
    try folder.write(
      RandomCheckpoint(tensors(family, sizes), &generator).bytes, to: "model.safetensors")
    return try withExtendedLifetime(folder) { try body(ModelDirectory(path: folder.path)) }
  }

  private static func configuration(_ family: Family, _ sizes: Sizes) -> String {
    let (hidden, heads, inner) = (sizes.hidden, sizes.heads, sizes.intermediate)
    let common = "\"model_type\": \"\(family.rawValue)\", \"vocab_size\": \(vocabularySize)"
    switch family {
    case .bert:
      return """
        {\(common), "hidden_size": \(hidden), "num_hidden_layers": 2, "num_attention_heads": \(heads),
         "intermediate_size": \(inner), "max_position_embeddings": \(contextLength),
         "type_vocab_size": 2}
        """
    case .gpt2:
      return """
        {\(common), "n_embd": \(hidden), "n_layer": 2, "n_head": \(heads), "n_inner": \(inner),
         "n_positions": \(contextLength)}
        """
    case .llama:
      return """
        {\(common), "hidden_size": \(hidden), "num_hidden_layers": 2, "num_attention_heads": \(heads),
         "num_key_value_heads": \(sizes.keyValueHeads), "intermediate_size": \(inner),
         "max_position_embeddings": \(contextLength), "tie_word_embeddings": false}
        """
    case .t5:
      return """
        {\(common), "d_model": \(hidden), "d_kv": \(sizes.headDimension), "num_heads": \(heads),
         "d_ff": \(inner), "num_layers": 2, "relative_attention_num_buckets": 8,
         "relative_attention_max_distance": 20, "decoder_start_token_id": 0, "pad_token_id": 0}
        """
    }
  }

  /// The names and shapes in the file.
  private static func tensors(
    _ family: Family, _ sizes: Sizes
  ) -> [(name: String, shape: [Int])] {
    let (hidden, inner) = (sizes.hidden, sizes.intermediate)
    let (queries, keys) = (hidden, sizes.keyValueHeads * sizes.headDimension)
    var list: [(name: String, shape: [Int])] = []
    func weight(_ name: String, _ shape: Int...) { list.append(("\(name).weight", shape)) }
    func biased(_ name: String, _ shape: Int..., bias: Int) {
      list.append(("\(name).weight", shape))
      list.append(("\(name).bias", [bias]))
    }
    switch family {
    case .bert:
      weight("embeddings.word_embeddings", vocabularySize, hidden)
      weight("embeddings.position_embeddings", contextLength, hidden)
      weight("embeddings.token_type_embeddings", 2, hidden)
      biased("embeddings.LayerNorm", hidden, bias: hidden)
      for layer in (0..<2).map({ "encoder.layer.\($0)" }) {
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
          biased("\(layer).attention.\(part)", hidden, hidden, bias: hidden)
        }
        biased("\(layer).attention.output.LayerNorm", hidden, bias: hidden)
        biased("\(layer).intermediate.dense", inner, hidden, bias: inner)
        biased("\(layer).output.dense", hidden, inner, bias: hidden)
        biased("\(layer).output.LayerNorm", hidden, bias: hidden)
      }
    case .gpt2:
      weight("wte", vocabularySize, hidden)
      weight("wpe", contextLength, hidden)
      for layer in (0..<2).map({ "h.\($0)" }) {
        biased("\(layer).ln_1", hidden, bias: hidden)
        biased("\(layer).attn.c_attn", hidden, 3 * hidden, bias: 3 * hidden)
        biased("\(layer).attn.c_proj", hidden, hidden, bias: hidden)
        biased("\(layer).ln_2", hidden, bias: hidden)
        biased("\(layer).mlp.c_fc", hidden, inner, bias: inner)
        biased("\(layer).mlp.c_proj", inner, hidden, bias: hidden)
      }
      biased("ln_f", hidden, bias: hidden)
    case .llama:
      weight("model.embed_tokens", vocabularySize, hidden)
      for layer in (0..<2).map({ "model.layers.\($0)" }) {
        weight("\(layer).input_layernorm", hidden)
        weight("\(layer).self_attn.q_proj", queries, hidden)
        weight("\(layer).self_attn.k_proj", keys, hidden)
        weight("\(layer).self_attn.v_proj", keys, hidden)
        weight("\(layer).self_attn.o_proj", hidden, queries)
        weight("\(layer).post_attention_layernorm", hidden)
        weight("\(layer).mlp.gate_proj", inner, hidden)
        weight("\(layer).mlp.up_proj", inner, hidden)
        weight("\(layer).mlp.down_proj", hidden, inner)
      }
      weight("model.norm", hidden)
      weight("lm_head", vocabularySize, hidden)
    case .t5:
      weight("shared", vocabularySize, hidden)
      for side in ["encoder", "decoder"] {
        weight(
          "\(side).block.0.layer.0.SelfAttention.relative_attention_bias", 8, sizes.heads)
        for block in (0..<2).map({ "\(side).block.\($0).layer" }) {
          let attentions =
            side == "encoder" ? ["0.SelfAttention"] : ["0.SelfAttention", "1.EncDecAttention"]
          for (index, attention) in attentions.enumerated() {
            for part in ["q", "k", "v"] { weight("\(block).\(attention).\(part)", queries, hidden) }
            weight("\(block).\(attention).o", hidden, queries)
            weight("\(block).\(index).layer_norm", hidden)
          }
          let last = attentions.count
          weight("\(block).\(last).DenseReluDense.wi", inner, hidden)
          weight("\(block).\(last).DenseReluDense.wo", hidden, inner)
          weight("\(block).\(last).layer_norm", hidden)
        }
        weight("\(side).final_layer_norm", hidden)
      }
    }
    return list
  }
}

/// The bytes of a safetensors file with random numbers that keep the variance of activations.
private struct RandomCheckpoint {
  let bytes: [UInt8]

  init(_ tensors: [(name: String, shape: [Int])], _ generator: inout CaseGenerator) throws {
    var (header, data) = ([String](), [UInt8]())
    for (name, shape) in tensors {
      let start = data.count
      let isTable = ["embed", "wte", "wpe", "shared", "relative"].contains { name.contains($0) }
      let isNorm = ["norm", "Norm", "ln_"].contains { name.contains($0) }
      // Every matrix, whatever its layout, has about as many inputs as outputs.
      let deviation =
        shape.count == 1 ? 0.3 : isTable ? 0.7 : 1 / Float(min(shape[0], shape[1])).squareRoot()
      let mean: Float = isNorm && name.hasSuffix("weight") ? 1 : 0
      for number in try generator.scalars(shape.reduce(1, *)) {
        withUnsafeBytes(of: (mean + deviation * number).bitPattern.littleEndian) { data += $0 }
      }
      header.append(
        "\"\(name)\": {\"dtype\": \"F32\", \"shape\": \(shape), \"data_offsets\": [\(start), \(data.count)]}"
      )
    }
    let text = Array("{\(header.joined(separator: ", "))}".utf8)
    bytes = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
  }
}
