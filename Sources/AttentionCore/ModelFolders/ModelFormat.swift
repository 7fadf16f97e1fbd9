import Foundation

/// Model formats that are not supported, recognized by file names.
package enum ModelFormat: CaseIterable {
  case gguf, pickle, onnx, openVINO, tensorFlow, flax, coreML, adapter

  /// The format of a file with this name; nil for safetensors and for other files.
  package init?(fileName: String) {
    let name = fileName.lowercased()
    let format = Self.allCases.first { format in
      format.fileNames.contains { name == $0 || name.hasSuffix("/\($0)") }
        || format.endings.contains { name.hasSuffix($0) }
    }
    guard let format else { return nil }
    self = format
  }

  private var fileNames: [String] {
    switch self {
    case .pickle: ["pytorch_model.bin", "pytorch_model.bin.index.json"]
    case .onnx: ["onnx"]
    case .openVINO: ["openvino_model.xml", "openvino"]
    case .tensorFlow: ["tf_model.h5"]
    case .flax: ["flax_model.msgpack"]
    case .adapter: ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"]
    case .gguf, .coreML: []
    }
  }

  private var endings: [String] {
    switch self {
    case .gguf: [".gguf", ".ggml"]
    case .pickle: [".pth", ".pt", ".ckpt", "pytorch_model.bin"]
    case .onnx: [".onnx"]
    case .tensorFlow: [".h5", ".tflite"]
    case .flax: [".msgpack"]
    case .coreML: [".mlpackage", ".mlmodel"]
    case .openVINO, .adapter: []
    }
  }

  /// The name of the format, and how to get a supported model.
  package var advice: String {
    switch self {
    case .gguf:
      "this is GGUF, llama.cpp's format, which is not supported: use the original model, with "
        + "model.safetensors"
    case .pickle:
      "pytorch_model.bin is not supported: a pickle can run code; convert it with transformers' "
        + "save_pretrained, which writes model.safetensors"
    case .onnx:
      "this is an ONNX model, which is not supported: use the original model, with model.safetensors"
    case .openVINO:
      "this is an OpenVINO model, which is not supported: use the original model, with "
        + "model.safetensors"
    case .tensorFlow:
      "TensorFlow weights are not supported: load them with transformers 4 (from_tf=True) and save them with "
        + "save_pretrained, which writes model.safetensors"
    case .flax:
      "Flax weights are not supported: load them with transformers 4 (from_flax=True) and save them with "
        + "save_pretrained, which writes model.safetensors"
    case .coreML:
      "this is a Core ML model, which is not supported: use the original model, with "
        + "model.safetensors"
    case .adapter:
      "this is a PEFT adapter, not a model: merge it into its base model with peft's merge_and_unload "
        + "and save the result"
    }
  }
}

extension ModelDirectory {
  /// A hint that begins with "; ": the unsupported format of the folder's files, or the names of other
  /// safetensors files; empty if there are none.
  package func formatHint() -> String {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    let found = Set(names.compactMap(ModelFormat.init(fileName:)))
    // The folder of an adapter may also contain files of other formats. The hint is then about the adapter.
    guard
      let format = found.contains(.adapter)
        ? .adapter : ModelFormat.allCases.first(where: found.contains)
    else {
      let weights = names.filter { $0.hasSuffix(".safetensors") }.prefix(4)
      return weights.isEmpty
        ? "" : "; found \(weights.map { printable($0, limit: 60) }.joined(separator: ", "))"
    }
    return "; \(format.advice)\(format == .adapter ? baseModelHint() : "")"
  }

  /// The base model in an adapter's configuration.
  private func baseModelHint() -> String {
    guard contains("adapter_config.json"), let path = try? file("adapter_config.json"),
      let config = try? ConfigurationReader(contentsOfFile: path),
      let name = config.value("base_model_name_or_path")?.string
    else { return "" }
    return " (base model: \(printable(name)))"
  }
}
