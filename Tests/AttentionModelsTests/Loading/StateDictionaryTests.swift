import AttentionModels
import Foundation
import TestSupport
import Testing

/// State dictionaries that PyTorch, safetensors and huggingface_hub have written:
/// `Scripts/fixtures/state_dictionary.py`. Only `AttentionModels` is imported, which exports tensors and
/// layers.
@Suite struct StateDictionaryTests {
  private static let prefix = "layers.0.self_attn."

  private func path(_ name: String) -> String { Fixtures.path("StateDictionary/\(name)") }

  @Test(arguments: ["encoder.safetensors", "sharded", "sharded/model.safetensors.index.json"])
  func `a file, a folder and an index have names, shapes and types`(name: String) throws {
    let weights = try StateDictionary(contentsOf: path(name))
    let expected: [(String, Shape, SafetensorsType)] = [
      ("layers.0.linear1.bias", [4], .float16), ("layers.0.linear1.weight", [4, 8], .float16),
      ("layers.0.linear2.bias", [2], .bfloat16), ("layers.0.linear2.weight", [2, 4], .bfloat16),
      ("layers.0.mask", [2, 2], .bool), ("layers.0.scale", [], .float64),
      ("layers.0.self_attn.in_proj_bias", [24], .float32),
      ("layers.0.self_attn.in_proj_weight", [24, 8], .float32),
      ("layers.0.self_attn.out_proj.bias", [8], .float32),
      ("layers.0.self_attn.out_proj.weight", [8, 8], .float32), ("layers.0.steps", [3], .int64),
    ]
    #expect(weights.names.sorted() == expected.map(\.0))
    for (name, shape, type) in expected {
      #expect(weights.contains(name))
      #expect(try weights.shape(of: name) == shape)
      #expect(try weights.elementType(of: name) == type)
      #expect(try weights.tensor(name).shape == shape)
    }
    #expect(weights.metadata["format"] == "pt")
    #expect("\(weights)".hasPrefix("StateDictionary(11 tensors ["))
    #expect(try weights.tensor("layers.0.steps").scalars == [0, -3, 0x1p40])
    #expect(try weights.tensor("layers.0.mask").scalars == [1, 0, 0, 1])
    #expect(try weights.tensor("layers.0.scale").scalars == [0.5])
    #expect(try weights.tensors(withPrefix: Self.prefix).count == 4)
    #expect(!weights.contains("layers.0.self_attn"))
  }

  @Test(arguments: ["encoder.safetensors", "sharded"])
  func `a loaded layer gives PyTorch's results`(name: String) throws {
    let weights = try StateDictionary(contentsOf: path(name))
    let layer = try MultiHeadAttention(weights, headCount: 2, prefix: Self.prefix)
    let output = try layer(Tensor(npy: path("x.npy")))
    let expected = try Tensor(npy: path("output.npy"))
    let error = try Tensor(npy: path("error.npy")).scalars[0]
    #expect(output.shape == expected.shape)
    for (found, wanted) in zip(output.scalars, expected.scalars) {
      #expect(abs(found - wanted) <= 2 * error + 1e-6)
    }
    // Another number of heads divides the same matrices differently.
    let other = try MultiHeadAttention(weights, headCount: 4, prefix: Self.prefix)
    #expect(try other(Tensor(npy: path("x.npy"))) != output)
  }

  @Test func `a layer that is not in the file is refused with the file's name`() throws {
    let path = path("encoder.safetensors")
    let weights = try StateDictionary(contentsOf: path)
    for (prefix, heads, words) in [
      ("", 2, "out_proj.weight: missing tensor"), ("layers.1.", 2, "missing tensor"),
      ("layers.0.", 2, "layers.0.out_proj.weight: missing tensor"),
      (Self.prefix, 3, "8 columns are not divisible by 3 heads"),
    ] {
      let text = failureText {
        try MultiHeadAttention(weights, headCount: heads, prefix: prefix)
      }
      #expect(text.hasPrefix("\(path): ") && text.contains(words), "\(text)")
    }
    let heads = failureText {
      try MultiHeadAttention(weights, headCount: 0, prefix: Self.prefix)
    }
    #expect(heads.hasPrefix("heads: "), "\(heads)")
  }

  @Test func `a missing tensor is named, and one of a type that cannot be read`() throws {
    let folder = try TemporaryDirectory()
    let header =
      #"{"a": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}"#
    let file = try folder.write(safetensors(header, data: [1, 2]), to: "x.safetensors")
    let weights = try StateDictionary(contentsOf: file)
    #expect(try weights.elementType(of: "a") == .float8E4M3)
    #expect(failureText { try weights.tensor("a") }.contains("tensor 'a': dtype F8_E4M3"))
    for text in [
      failureText { try weights.tensor("b") }, failureText { try weights.shape(of: "b") },
      failureText { try weights.elementType(of: "b") },
    ] { #expect(text == "\(file): missing tensor b") }
  }

  @Test func `numbers that are not finite are returned unchanged`() throws {
    let folder = try TemporaryDirectory()
    let data = [Float.nan, .infinity, 1].flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    let file = try folder.write(
      safetensors(
        #"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}"#, data: data))
    let scalars = try StateDictionary(contentsOf: file).tensor("a").scalars
    #expect(scalars[0].isNaN && scalars[1] == .infinity && scalars[2] == 1)
  }

  @Test func `each type of integer is read`() throws {
    let cases: [(String, [UInt8], [Float])] = [
      ("U8", [0, 255], [0, 255]), ("I8", [1, 255], [1, -1]), ("BOOL", [0, 2], [0, 1]),
      ("U16", [1, 0, 255, 255], [1, 65_535]),
      ("I16", [1, 0, 255, 255], [1, -1]),
      ("U32", [1, 0, 0, 0, 255, 255, 255, 255], [1, 0x1p32]),
      ("I32", [1, 0, 0, 0, 254, 255, 255, 255], [1, -2]),
      ("U64", [1] + Array(repeating: 0, count: 7) + Array(repeating: 255, count: 8), [1, 0x1p64]),
      ("I64", [1] + Array(repeating: 0, count: 7) + Array(repeating: 255, count: 8), [1, -1]),
    ]
    let folder = try TemporaryDirectory()
    for (type, data, expected) in cases {
      let header =
        #"{"a": {"dtype": "\#(type)", "shape": [2], "data_offsets": [0, \#(data.count)]}}"#
      let file = try folder.write(safetensors(header, data: data), to: "\(type).safetensors")
      #expect(try StateDictionary(contentsOf: file).tensor("a").scalars == expected, "\(type)")
    }
  }

  @Test func `a malicious or damaged file is refused when it is opened`() throws {
    let folder = try TemporaryDirectory()
    let cases: [(String, [UInt8], String)] = [
      ("small.safetensors", [1, 2], "too small"),
      (
        "large.safetensors",
        safetensors(
          #"{"a": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}}"#,
          data: [0, 0, 0, 0]),
        "overflow"
      ),
      (
        "short.safetensors",
        safetensors(#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, data: [0]),
        "truncated"
      ),
      ("x.safetensors.index.json", Array(#"{"weight_map": {"a": "../b"}}"#.utf8), "outside"),
      ("weights.gguf", Array("GGUF0000000".utf8), "GGUF, llama.cpp's format"),
      ("pytorch_model.bin", Array("PK000000000".utf8), "a pickle can run code"),
    ]
    for (name, bytes, words) in cases {
      let path = try folder.write(bytes, to: name)
      let text = failureText { try StateDictionary(contentsOf: path) }
      #expect(text.contains(words) && text.contains(folder.path), "\(text)")
    }
    let absent = failureText { try StateDictionary(contentsOf: folder.path("absent")) }
    #expect(absent.contains("no such file"), "\(absent)")
    let empty = failureText {
      try StateDictionary(contentsOf: TemporaryDirectory().makeDirectory("a"))
    }
    #expect(empty.contains("no such file"), "\(empty)")
  }
}
