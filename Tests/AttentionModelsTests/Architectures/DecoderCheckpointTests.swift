import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Checkpoints with different names of tensors, tied tensors, and missing tensors.
@Suite struct DecoderCheckpointTests {
  /// Compares a fixture with changed files with PyTorch's results for the original files.
  private func expectSame(
    _ name: String, tensors change: (inout [TensorFile.Entry]) throws -> Void = { _ in },
    configuration: [String: String?] = [:]
  ) throws {
    let fixture = try DecoderFixture(name)
    let folder = try DecoderFixture.folder(name)
    try folder.editConfiguration(configuration)
    var file = try TensorFile(folder.path("model.safetensors"))
    try change(&file.entries)
    try folder.write(file.bytes, to: "model.safetensors")
    let model = try LanguageModels.load(ModelDirectory(path: folder.path))
    var (state, tokens) = try model.begin(PackedTokens(fixture.sequences))
    let logits = try model.logits(of: tokens, state: &state, rows: .all)
    try fixture.expectPyTorchs(logits, "\(name), changed")
  }

  @Test(arguments: ["gpt2head", "llamabias", "qwen3", "gemma2"])
  func `the names in a bare model have no prefix`(name: String) throws {
    try expectSame(name) { entries in
      for index in entries.indices {
        for prefix in ["model.", "transformer."] where entries[index].name.hasPrefix(prefix) {
          entries[index].name.removeFirst(prefix.count)
        }
      }
    }
  }

  @Test func `the names in GPT-2 may have a prefix`() throws {
    try expectSame("gpt2") { entries in
      for index in entries.indices { entries[index].name = "transformer.\(entries[index].name)" }
    }
  }

  @Test(arguments: ["gpt2", "llamabias", "qwen2", "gemma2"])
  func `a file may have either of two tied tensors`(name: String) throws {
    try expectSame(name) { entries in
      let index = try #require(
        entries.firstIndex {
          ["wte.weight", "model.embed_tokens.weight"].contains($0.name)
        })
      entries[index].name = "lm_head.weight"
    }
  }

  @Test(arguments: ["gpt2", "llamabias", "qwen2", "gemma2"])
  func `a file may have both of two tied tensors`(name: String) throws {
    try expectSame(name) { entries in
      var copy = try #require(
        entries.first {
          ["wte.weight", "model.embed_tokens.weight"].contains($0.name)
        })
      copy.name = "lm_head.weight"
      entries.append(copy)
    }
  }

  @Test(arguments: ["gpt2untied", "llama", "mistral"])
  func `an output layer that differs from the table is used, even if the configuration says tied`(
    name: String
  ) throws {
    try expectSame(name, configuration: ["tie_word_embeddings": "true"])
  }

  @Test(arguments: ["gpt2untied", "llama", "mistral"])
  func `an output layer that is missing is named`(name: String) throws {
    let text = failureText {
      try expectSame(name) { $0.removeAll { $0.name == "lm_head.weight" } }
    }
    #expect(text.contains("missing tensor lm_head.weight"), "\(text)")
  }

  @Test(arguments: DecoderFixture.families.filter { $0 != "llama3" })
  func `unused tensors change nothing`(name: String) throws {
    try expectSame(name) { entries in
      entries.append(
        TensorFile.Entry(name: "position_ids", type: "I64", shape: [1, 2], data: Data(count: 16)))
      entries.append(
        TensorFile.Entry(
          name: "model.rotary_emb.inv_freq", type: "F32", shape: [4], data: Data(count: 16)))
    }
  }

  @Test func `a missing shard is named`() throws {
    let folder = try DecoderFixture.folder("llama3")
    try FileManager.default.removeItem(atPath: folder.path("model-00003-of-00005.safetensors"))
    let text = failureText { try LanguageModels.load(ModelDirectory(path: folder.path)) }
    #expect(text.contains("model-00003-of-00005.safetensors"), "\(text)")
  }
}

/// The tensors of a safetensors file, which can be changed and written.
private struct TensorFile {
  struct Entry {
    var name: String
    var type: String
    var shape: [Int]
    var data: Data
  }

  var entries: [Entry]

  init(_ path: String) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSON.parse(Array(bytes[8..<8 + length]))
    entries = try #require(header.object).members.filter { $0.key != "__metadata__" }.map {
      let tensor = try #require($0.value.object)
      let range = try #require(tensor["data_offsets"]?.array).compactMap(\.integer)
      return Entry(
        name: $0.key, type: try #require(tensor["dtype"]?.string),
        shape: try #require(tensor["shape"]?.array).compactMap(\.integer),
        data: Data(bytes[8 + length + range[0]..<8 + length + range[1]]))
    }
  }

  var bytes: [UInt8] {
    var (data, headers) = (Data(), [String]())
    for entry in entries {
      let end = data.count + entry.data.count
      headers.append(
        """
        "\(entry.name)": {"dtype": "\(entry.type)", "shape": \(entry.shape), \
        "data_offsets": [\(data.count), \(end)]}
        """)
      data += entry.data
    }
    return safetensors("{\(headers.joined(separator: ", "))}", data: Array(data))
  }
}
