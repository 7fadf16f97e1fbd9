import Foundation
import TestSupport

/// A GPT-2 that is small enough for a test to write: 2 layers, 2 heads, hidden size 8, 24 positions, and
/// words as tokens.
enum TinyGPT2 {
  static let tokens = [
    "[UNK]", "the", "cat", "sat", "on", "mat", "dog", "ran", "to", "a", "house", ".", "translate:",
    "summarize:", "question:", "context:",
  ]
  static let maxLength = 24
  private static let hiddenSize = 8
  private static let layerCount = 2
  private static let endToken = tokens.count

  /// Writes the model's files into `directory`.
  ///
  /// - Parameters:
  ///   - maxLength: the number of positions, which limits the length of a sequence.
  ///   - hasTasks: whether the configuration describes translating and summarizing.
  ///   - extra: more members of `config.json`.
  /// - Returns: the folder's path.
  @discardableResult
  static func write(
    to directory: TemporaryDirectory, named name: String = "gpt2",
    maxLength: Int = maxLength, hasTasks: Bool = true, extra: String = ""
  ) throws -> String {
    let tasks = """
      "summarization": {"prefix": "summarize: ", "max_length": 12},
      "translation_en_to_fr": {"prefix": "translate: ", "max_length": 14}
      """
    let configuration = """
      {"model_type": "gpt2", "vocab_size": \(endToken + 1), "n_embd": \(hiddenSize),
       "n_layer": \(layerCount), "n_head": 2, "n_positions": \(maxLength),
       "eos_token_id": \(endToken), "bos_token_id": \(endToken),
       "task_specific_params": {\(hasTasks ? tasks : "")}\(extra)}
      """
    try directory.write(configuration.utf8, to: "\(name)/config.json")
    try directory.write(tokenizer.utf8, to: "\(name)/tokenizer.json")
    try directory.write(weights(maxLength), to: "\(name)/model.safetensors")
    return directory.path(name)
  }

  private static var tokenizer: String {
    let vocabulary = tokens.enumerated().map { #""\#($1)": \#($0)"# }
    return """
      {"version": "1.0", "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
       "added_tokens": [{"id": \(endToken), "content": "<end>", "single_word": false,
         "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
       "post_processor": null, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100, "vocab": {\(vocabulary.joined(separator: ", "))}}}
      """
  }

  private static func weights(_ maxLength: Int) -> [UInt8] {
    var shapes: [(name: String, shape: [Int])] = [
      ("wte.weight", [endToken + 1, hiddenSize]), ("wpe.weight", [maxLength, hiddenSize]),
      ("ln_f.weight", [hiddenSize]), ("ln_f.bias", [hiddenSize]),
    ]
    for layer in 0..<layerCount {
      for (part, shape) in [
        ("ln_1", [hiddenSize]), ("attn.c_attn", [hiddenSize, 3 * hiddenSize]),
        ("attn.c_proj", [hiddenSize, hiddenSize]),
        ("ln_2", [hiddenSize]), ("mlp.c_fc", [hiddenSize, 4 * hiddenSize]),
        ("mlp.c_proj", [4 * hiddenSize, hiddenSize]),
      ] {
        shapes.append(("h.\(layer).\(part).weight", shape))
        shapes.append(("h.\(layer).\(part).bias", [shape[shape.count - 1]]))
      }
    }
    return randomCheckpoint(shapes, seed: 3) { $0.contains("ln_") && $0.hasSuffix("weight") }
  }
}

/// The bytes of a safetensors file with normally distributed numbers.
///
/// - Parameter isWeight: whether a tensor is the weight of a norm: its numbers have the mean 1, not 0.
func randomCheckpoint(
  _ shapes: [(name: String, shape: [Int])], seed: UInt64, isWeight: (String) -> Bool
) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  var header: [String] = []
  var data: [UInt8] = []
  for (name, shape) in shapes {
    let start = data.count
    for _ in 0..<shape.reduce(1, *) {
      let number = generator.normal() + (isWeight(name) ? 1 : 0)
      withUnsafeBytes(of: number.bitPattern.littleEndian) { data += $0 }
    }
    header.append(
      #""\#(name)": {"dtype": "F32", "shape": \#(shape), "data_offsets": [\#(start), \#(data.count)]}"#
    )
  }
  let text = Array("{\(header.joined(separator: ", "))}".utf8)
  return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text + data
}
