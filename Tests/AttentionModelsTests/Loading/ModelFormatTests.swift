import AttentionModels
import TestSupport
import Testing

/// Folders and files of unsupported formats: the error has the name of the format, and what to do.
@Suite struct ModelFormatTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  static let cases: [(files: [String], words: [String])] = [
    (["model-q4.gguf"], ["GGUF, llama.cpp's format", "model.safetensors"]),
    (["pytorch_model.bin"], ["a pickle can run code", "save_pretrained"]),
    (
      ["pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json"],
      ["a pickle can run code"]
    ),
    (["consolidated.00.pth"], ["a pickle can run code"]),
    (["model.onnx"], ["an ONNX model"]), (["onnx/model.onnx"], ["an ONNX model"]),
    (["openvino_model.xml", "openvino_model.bin"], ["an OpenVINO model"]),
    (["tf_model.h5"], ["from_tf=True"]), (["flax_model.msgpack"], ["from_flax=True"]),
    (
      ["adapter_config.json", "adapter_model.safetensors"], ["a PEFT adapter", "merge_and_unload"]
    ),
    (["model-00001-of-00002.safetensors"], ["found model-00001-of-00002.safetensors"]),
  ]

  @Test(arguments: cases.indices)
  func `the error for a folder of another format names the format`(index: Int) throws {
    let (files, words) = Self.cases[index]
    for file in files { try folder.write("{}".utf8, to: file) }
    // With and without the configuration of a model.
    for hasConfiguration in [false, true] {
      if hasConfiguration { try folder.write(#"{"model_type": "bert"}"#.utf8, to: "config.json") }
      let text = failureText { try SentenceEmbedder(model: folder.path) }
      for word in words + [hasConfiguration ? "model.safetensors" : "config.json"] {
        #expect(text.contains(word), "\(text)")
      }
      #expect(text.contains(folder.path))
    }
  }

  @Test func `an adapter's base model is named`() throws {
    try folder.write(
      #"{"peft_type": "LORA", "base_model_name_or_path": "org/base\u001b[31m"}"#.utf8,
      to: "adapter_config.json")
    let text = failureText { try TextGenerator(model: folder.path) }
    #expect(text.contains(#"(base model: org/base\u{1b}[31m)"#), "\(text)")
  }

  @Test(arguments: [
    ("model.gguf", "GGUF"), ("model.GGUF", "GGUF"), ("model.onnx", "ONNX"),
    ("pytorch_model.bin", "pickle"), ("model.ckpt", "pickle"),
  ])
  func `the error for a file of another format names the format`(name: String, word: String) throws
  {
    let path = try folder.write([0], to: name)
    let text = failureText { try TextGenerator(model: path) }
    #expect(text.contains("a file; expected the folder") && text.contains(word), "\(text)")
  }

  @Test func `files of other formats beside a supported model are ignored`() throws {
    try folder.write([], to: "model.gguf")
    try folder.write("{}".utf8, to: "adapter_config.json")
    try folder.write(
      safetensors(
        #"{"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}"#, data: [0, 0, 0, 0]),
      to: "model.safetensors")
    #expect(try StateDictionary(contentsOf: folder.path).names == ["a"])
  }
}
