import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Weights that are NaN or infinite.
@Suite struct FiniteWeightTests {
  /// Writes a number into a tensor of a safetensors file of a folder.
  private func spoil(
    _ folder: TemporaryDirectory, tensor: String, element: Int, with number: Float
  ) throws {
    let path = folder.path("model.safetensors")
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(JSON.parse(Array(bytes[8..<8 + length])).object)
    let entry = try #require(header[tensor]?.object)
    let start = try #require(entry["data_offsets"]?.array?.first?.integer)
    let pattern: [UInt8]
    switch entry["dtype"]?.string {
    case "F32": pattern = withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    case "BF16":
      pattern = withUnsafeBytes(of: UInt16(number.bitPattern >> 16).littleEndian) { Array($0) }
    case "F16":
      let bits: UInt16 = number.isNaN ? 0x7E00 : number > 0 ? 0x7C00 : 0xFC00
      pattern = withUnsafeBytes(of: bits.littleEndian) { Array($0) }
    default: throw ModelError.weights(path: path, reason: "\(entry)")
    }
    let offset = 8 + length + start + element * pattern.count
    bytes.replaceSubrange(offset..<offset + pattern.count, with: pattern)
    try folder.write(bytes, to: "model.safetensors")
  }

  @Test(arguments: [
    ("BERT/plain", "embeddings.word_embeddings.weight"),
    ("BERT/plain", "embeddings.LayerNorm.bias"),
    ("BERT/plain", "encoder.layer.1.attention.self.query.weight"),
    ("BERT/bf16", "embeddings.position_embeddings.weight"),
    ("BERT/f16", "encoder.layer.0.output.dense.weight"),
    ("LanguageModels/gpt2untied", "transformer.h.0.attn.c_attn.weight"),
    ("LanguageModels/llama", "model.norm.weight"),
    ("LanguageModels/llama", "model.layers.1.mlp.down_proj.weight"),
    ("T5/v1.0", "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
    ("BART/plain", "model.decoder.layers.0.fc1.bias"),
  ])
  func `a weight that is not finite is refused with its tensor's name`(
    fixture: String, tensor: String
  ) throws {
    for (number, word) in [(Float.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
      let folder = try TemporaryDirectory()
      try folder.copy(fixture: fixture)
      try spoil(folder, tensor: tensor, element: 3, with: number)
      let directory = try ModelDirectory(path: folder.path)
      let text = failureText {
        if fixture.hasPrefix("BERT") {
          _ = try BERT(directory)
        } else {
          _ = try LanguageModels.load(directory)
        }
      }
      #expect(text.contains("model.safetensors: tensor '\(tensor)': not finite"), "\(text)")
      #expect(text.hasSuffix(word), "\(text)")
    }
  }

  @Test func `a tensor that the model does not use may have any values`() throws {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/masked-lm")
    let names = try StateDictionary(contentsOf: folder.path).names
    let unused = try #require(names.first { $0.hasPrefix("cls.") })
    try spoil(folder, tensor: unused, element: 0, with: .nan)
    #expect(throws: Never.self) { try BERT(ModelDirectory(path: folder.path)) }
  }

  @Test func `weights whose sums overflow are an error of the text, not NaN`()
    throws
  {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/plain")
    try TokenizerFamilies.copy("Tokenizer/vocab-cased/vocab.txt", into: folder)
    let names = try StateDictionary(contentsOf: folder.path).names
    let isPrefixed = names.contains { $0.hasPrefix("bert.") }
    let prefix = isPrefixed ? "bert." : ""
    for element in 0..<4 {
      try spoil(
        folder, tensor: "\(prefix)encoder.layer.0.attention.self.query.weight", element: element,
        with: 3e38)
      try spoil(
        folder, tensor: "\(prefix)encoder.layer.0.attention.self.key.weight", element: element,
        with: -3e38)
    }
    let directory = try ModelDirectory(path: folder.path)
    let text = failureText { try SentenceEmbedder(directory).embed(["a", "b"]) }
    #expect(text.hasPrefix("text 0: ") && text.contains("not finite"), "\(text)")
    let explained = failureText { try AttentionExplainer(directory).explain("a") }
    #expect(explained.contains("not finite"), "\(explained)")
  }
}
